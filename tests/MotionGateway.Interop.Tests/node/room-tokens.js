// Judges room tokens by the vendors' own libraries. Arguments: one JSON object for each question. Prints one JSON object for each answer.
// {livekit: {key, secret, token}}: the claims that livekit-server-sdk verifies, or why it refuses them.
// {agora: {appId, certificate, token}}: what agora-token reads in a token, and whether the signature is the certificate's.
// {agoraMade: {appId, certificate, channel, uid, role, issueTime, seconds, salt}}: what agora-token packs for the same, before it is deflated.
import zlib from 'node:zlib';
import { TokenVerifier } from 'livekit-server-sdk';
import agora from 'agora-token/src/AccessToken2.js';

const { AccessToken2, ServiceRtc } = agora;

const inflate = (token) => zlib.inflateSync(Buffer.from(token.slice(3), 'base64')).toString('hex');

const privileges = {
  viewer: ['JoinChannel'],
  talkingViewer: ['JoinChannel', 'PublishAudioStream', 'PublishDataStream'],
  publisher: ['JoinChannel', 'PublishAudioStream', 'PublishVideoStream', 'PublishDataStream'],
};

const judges = {
  async livekit({ key, secret, token }) {
    try {
      return { claims: await new TokenVerifier(key, secret).verify(token, 0) };
    } catch (error) {
      return { refused: error.code ?? error.message };
    }
  },

  async agora({ certificate, token }) {
    const read = new AccessToken2('', '', 0, 0);
    const [rtc] = read.from_string(token) ? read.getServices(1) : [];
    return {
      isSigned: read.verifySignature(certificate),
      appId: `${read.appId}`,
      issueTime: read.issueTs,
      seconds: read.expire,
      channel: `${rtc?.__channel_name}`,
      uid: `${rtc?.__uid}`,
      privileges: rtc?.__privileges,
      content: inflate(token),
    };
  },

  async agoraMade({ appId, certificate, channel, uid, role, issueTime, seconds, salt }) {
    const made = new AccessToken2(appId, certificate, issueTime, seconds);
    made.salt = salt;
    const service = new ServiceRtc(channel, uid);
    for (const name of privileges[role]) service.add_privilege(ServiceRtc[`kPrivilege${name}`], seconds);
    made.add_service(service);
    return { content: inflate(made.build()) };
  },
};

for (const argument of process.argv.slice(2)) {
  const [[name, question]] = Object.entries(JSON.parse(argument));
  console.log(JSON.stringify(await judges[name](question)));
}
