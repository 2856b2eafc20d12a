// Calls the test service with @grpc/grpc-js. Usage: node interop.js ADDRESS PROTO
// Prints "ok CASE" for each case that passes, and "failed CASE" with the reason for each that does not.
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [address, proto] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true });
const { InteropService } = grpc.loadPackageDefinition(definition).interop.v1;
const limit = 4 * 1024 * 1024;
const options = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 };
const gzip = 2;

const create = (more = {}) => new InteropService(address, grpc.credentials.createInsecure(), { ...options, ...more });
const client = create();
const within = (seconds = 60) => ({ deadline: Date.now() + seconds * 1000 });

const unary = (request, metadata = new grpc.Metadata(), callOptions = within(), from = client) =>
  new Promise((resolve, reject) => {
    const result = {};
    const call = from.Unary(request, metadata, callOptions, (error, response) => {
      if (error) reject(error);
      else result.response = response;
    });
    call.on('metadata', (headers) => { result.headers = headers; });
    call.on('status', (status) => { result.trailers = status.metadata; if (result.response) resolve(result); });
  });

const readAll = async (call) => {
  const responses = [];
  for await (const response of call) responses.push(response);
  return responses;
};

const rejects = async (promise, code) => {
  try {
    await promise;
  } catch (error) {
    assert.equal(error.code, code, `${error}`);
    return error;
  }
  return assert.fail(`status ${code} was expected`);
};

const collect = (requests, from = client) => new Promise((resolve, reject) => {
  const call = from.Collect(within(), (error, response) => (error ? reject(error) : resolve(response)));
  requests.forEach((request) => call.write(request));
  call.end();
});

const cases = {
  async unary() {
    const { response } = await unary({ payload: Buffer.from('abc'), text: 'zażółć' });
    assert.deepEqual([response.payload.toString(), response.text], ['abc', 'zażółć']);
  },

  async collect() {
    const response = await collect(Array.from({ length: 50 }, (_, n) => ({ payload: Buffer.alloc(n) })));
    assert.deepEqual([response.index, response.text], [50, '1225']);
  },

  async repeat() {
    const responses = await readAll(client.Repeat({ count: 100, response_length: 20000 }, within()));
    assert.deepEqual(responses.map((response) => response.index), Array.from({ length: 100 }, (_, n) => n));
  },

  async chat() {
    const call = client.Chat(within());
    const received = [];
    call.write({ text: '0' });
    for await (const response of call) {
      received.push(response.text);
      if (received.length === 100) call.end();
      else call.write({ text: `${received.length}` });
    }
    assert.equal(received.length, 100);
  },

  async gzip() {
    const compressing = create({ 'grpc.default_compression_algorithm': gzip, 'grpc.default_compression_level': 2 });
    const payload = Buffer.alloc(100000, 'x');
    const { response } = await unary({ payload }, undefined, undefined, compressing);
    assert.ok(response.payload.equals(payload));
    compressing.close();
  },

  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('test-text', 'value');
    metadata.set('test-data-bin', Buffer.from([0, 255, 1, 254]));
    const { headers, trailers } = await unary({ behavior: 'BEHAVIOR_ECHO_METADATA' }, metadata);
    for (const received of [headers, trailers]) {
      assert.deepEqual(received.get('echo-test-text'), ['value']);
      assert.deepEqual(received.get('echo-test-data-bin'), [Buffer.from([0, 255, 1, 254])]);
    }
  },

  async error_details() {
    const request = { behavior: 'BEHAVIOR_FAIL', text: 'a 100% “bad” día', session_id: 's-1' };
    const error = await rejects(unary(request), grpc.status.RESOURCE_EXHAUSTED);
    assert.equal(error.details, `SESSION_LIMIT text: ${request.text}`);
    const details = error.metadata.get('grpc-status-details-bin')[0];
    for (const part of ['google.rpc.ErrorInfo', 'google.rpc.BadRequest', 'google.rpc.RetryInfo', 's-1']) assert.ok(details.includes(part), part);
  },

  async deadline() {
    const request = { behavior: 'BEHAVIOR_IGNORE_CANCELLATION', text: 'node-deadline' };
    await rejects(unary(request, undefined, within(0.3)), grpc.status.DEADLINE_EXCEEDED);
    await rejects(readAll(client.Repeat(request, within(0.3))), grpc.status.DEADLINE_EXCEEDED);
  },

  async cancel() {
    const call = client.Chat(within());
    call.write({ text: 'first' });
    await rejects((async () => {
      for await (const response of call) {
        if (response.text === 'first') call.write({ behavior: 'BEHAVIOR_HANG', text: 'node-cancel' });
        else call.cancel();
      }
    })(), grpc.status.CANCELLED);
  },

  async unimplemented() {
    const serialize = (bytes) => bytes;
    for (const path of ['/interop.v1.InteropService/Unknown', '/interop.v1.Unknown/Unary']) {
      const call = new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, serialize, serialize, Buffer.alloc(0), (error, response) => (error ? reject(error) : resolve(response)));
      });
      await rejects(call, grpc.status.UNIMPLEMENTED);
    }
  },

  async limit() {
    const { response } = await unary({ payload: Buffer.alloc(limit - 5) });
    assert.equal(response.payload.length, limit - 5);
    await rejects(unary({ payload: Buffer.alloc(limit - 4) }), grpc.status.RESOURCE_EXHAUSTED);
  },

  async early_end() {
    let writing;
    await rejects(new Promise((resolve, reject) => {
      const call = client.Collect(within(), (error, response) => (error ? reject(error) : resolve(response)));
      call.write({ behavior: 'BEHAVIOR_REFUSE' });
      writing = setInterval(() => call.write({ payload: Buffer.alloc(10000) }), 1);
    }).finally(() => clearInterval(writing)), grpc.status.PERMISSION_DENIED);
  },

  async many_streams() {
    const calls = Array.from({ length: 200 }, () => client.Chat(within()));
    const responses = calls.map((call) => call[Symbol.asyncIterator]());
    for (const text of ['0', '1', '2']) {
      calls.forEach((call) => call.write({ text }));
      const answers = await Promise.all(responses.map((each) => each.next()));
      assert.ok(answers.every((answer) => answer.value.text === text));
    }
    calls.forEach((call) => call.end());
    assert.ok((await Promise.all(responses.map((each) => each.next()))).every((answer) => answer.done));
  },

  async goaway() {
    const call = client.Chat(within());
    call.write({ behavior: 'BEHAVIOR_HANG_UNTIL_STOP', text: 'node-goaway' });
    // Whoever started this stops the server once the call has begun.
    console.log('goaway');
    const error = await rejects(readAll(call), grpc.status.UNAVAILABLE);
    assert.equal(error.details, 'stopping');
    // The server still takes calls until it has said that it goes.
    await rejects((async () => {
      for (const end = Date.now() + 60000; Date.now() < end;) await unary({});
    })(), grpc.status.UNAVAILABLE);
  },
};

for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`failed ${name}`, error);
  }
}
client.close();
