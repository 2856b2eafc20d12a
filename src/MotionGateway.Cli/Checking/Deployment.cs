using Grpc.Health.V1;
using Grpc.Net.Client;
using MotionGateway.Cli.Checking.Checks;
using MotionGateway.Cli.Connecting;
using MotionGateway.V1;

namespace MotionGateway.Cli.Checking;

/// <summary>A deployment that is checked from outside: the connections to it, and the checks in their order.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private readonly CheckPlan _plan;
    private readonly Connection _connection;
    private readonly TimeProvider _time;
    private readonly GrpcChannel _channel;
    private readonly HttpMessageInvoker _http;
    private readonly CheckedSession _session;

    /// <summary>Connects to nothing yet.</summary>
    public Deployment(CheckPlan plan, Connection connection, TimeProvider time)
    {
        (_plan, _connection, _time) = (plan, connection, time);
        _channel = connection.OpenGateway(plan.Gateway);
        _http = connection.CreateRelayClient();
        _session = new CheckedSession(new SpeechService.SpeechServiceClient(_channel), time);
    }

    /// <summary>All checks, in an order in which none comes before what it builds on.</summary>
    public IEnumerable<ICheck> CreateChecks() =>
    [
        .. OfGateway(Peer.Gateway(_plan.Gateway)),
        .. _plan.Relay is { } relay ? OfRelay(Peer.Relay(relay)) : [],
        .. _plan.MotionServer is { } motionServer ? (ICheck[])[new MotionServerCheck(motionServer, _plan.AvatarId)] : [],
        .. OfSession(),
    ];

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _channel.Dispose();
        _http.Dispose();
    }

    private IEnumerable<ICheck> OfGateway(Peer gateway)
    {
        var health = new Health.HealthClient(_channel);
        var protocol = new ProtocolCheck(gateway, health);
        return
        [
            new AddressCheck(gateway),
            new CertificateCheck(gateway, _connection, _time),
            protocol,
            new GatewayHealthCheck(gateway, health),
            new ClockCheck(gateway, protocol.Name, protocol.ReadDateAsync, _time),
            new CredentialCheck(new SessionService.SessionServiceClient(_channel)),
        ];
    }

    private IEnumerable<ICheck> OfRelay(Peer relay)
    {
        var health = new RelayHealthCheck(relay, _http);
        return
        [
            new AddressCheck(relay),
            new CertificateCheck(relay, _connection, _time),
            health,
            new ClockCheck(relay, CheckNames.Certificate(relay.Name), health.ReadDateAsync, _time),
        ];
    }

    private IEnumerable<ICheck> OfSession()
    {
        ICheck[] ofRelay = _plan.Relay is { } relay ? [new ViewerCheck(Peer.Relay(relay), _http, _session)] : [];
        ICheck[] atRelay = _plan.Relay is null ? [] : [new ArrivalCheck(_session)];
        return [new SessionCheck(_session, _plan.AvatarId), .. ofRelay, new ToneCheck(_session), .. atRelay, new CloseCheck(_session)];
    }
}
