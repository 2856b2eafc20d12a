using System.Net.WebSockets;
using MotionGateway.LocalMotion.Audio;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>The egress side of one connection: its playback and its books.</summary>
internal sealed class EgressSession(EgressLedger ledger, EgressPlayback playback, EgressSupport support) : IDisposable
{
    private static readonly string[] PlaybackControl = ["playback_control", "playback_state"];

    /// <summary>The egress of a connection whose configuration asks for one, else null.</summary>
    public static EgressSession? Open(SessionConfiguration configuration, IngressConnection connection, RequestPipeline pipeline, EgressRecord record)
    {
        if (configuration.Egress is not { } target)
        {
            return null;
        }

        LocalMotionServerOptions options = connection.Options;
        bool isOggOpus = configuration.IsOpus && !AudioIntake.Decodes(options);
        var ledger = new EgressLedger(connection.Id, connection.AvatarId, target, record.Media, isOggOpus, configuration.SampleRate, options.TimeProvider);
        record.Add(ledger);
        var peer = new EgressPeer(
            state => SendAsync(connection, state),
            (requestId, end) => SignalAsync(connection, requestId, end),
            pipeline.Interrupt,
            connection.Touch,
            () => connection.EndAsync(Ending.With(Refusals.NoCode, (int)WebSocketCloseStatus.NormalClosure, "livekit silence timeout")));
        return new EgressSession(ledger, new EgressPlayback(ledger, peer, configuration.SampleRate, target.IdleTimeout, options), options.Egress);
    }

    /// <summary>What the client is told that it can use.</summary>
    public IReadOnlyList<string> Capabilities => IsControllable ? PlaybackControl : [];

    /// <summary>Whether pause and resume are taken.</summary>
    public bool IsControllable => support == EgressSupport.PlaybackControl;

    /// <summary>Plays until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(playback.RunAsync(cancellationToken), playback.SignalAsync(cancellationToken));

    /// <summary>Tells the connection for how long nothing has been played.</summary>
    public Task LookAsync() => playback.LookAsync();

    /// <summary>A request has been accepted.</summary>
    public void Expect(string requestId) => ledger.Expect(requestId);

    /// <summary>Takes audio that the work on motion has taken.</summary>
    public Task AudioAsync(string requestId, int receivedBytes, int pcmBytes, bool end) => playback.AudioAsync(requestId, receivedBytes, pcmBytes, end);

    public Task PauseAsync(string requestId) => playback.ControlAsync(requestId, pause: true);

    public Task ResumeAsync(string requestId) => playback.ControlAsync(requestId, pause: false);

    public Task InterruptAsync(string requestId) => playback.InterruptAsync(requestId);

    /// <summary>Keeps audio that the work on motion has accepted, in the form in which it is kept.</summary>
    public void Keep(string requestId, ReadOnlySpan<byte> audio) => ledger.Keep(requestId, audio);

    /// <summary>Takes motion in place of the WebSocket.</summary>
    public void Publish(string requestId, int keyframes, ReadOnlyMemory<byte> envelope) => ledger.Motion(requestId, keyframes, envelope);

    private static ValueTask SendAsync(IngressConnection connection, ServerPlaybackState state)
    {
        state.ConnectionId = connection.Id;
        return connection.SendAsync(new Message { Type = MessageType.MessageServerPlaybackState, ServerPlaybackState = state }, CancellationToken.None);
    }

    private static ValueTask SignalAsync(IngressConnection connection, string requestId, bool end)
    {
        var signal = new ServerResponseAnimation { ConnectionId = connection.Id, ReqId = requestId, End = end, AvatarId = connection.AvatarId };
        return connection.SendAsync(
            new Message { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = signal }, CancellationToken.None);
    }

    public void Close() => ledger.Close();

    public void Dispose() => playback.Dispose();
}
