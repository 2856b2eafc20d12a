using MotionGateway.Cli.Audio;
using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>A session that is spoken into, one turn after the other.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private SpeechStream? _stream;
    private volatile TimedTurn? _turn;
    private int _turns;

    private Conversation(TimeProvider time) => _time = time;

    /// <summary>What the gateway told when it opened the session.</summary>
    public SessionOpened Opened => _stream!.Opened;

    /// <summary>The turn that was begun last; null before the first.</summary>
    public TimedTurn? Turn => _turn;

    /// <summary>Opens a session of mono PCM.</summary>
    /// <param name="client">The gateway.</param>
    /// <param name="open">What for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The gateway refuses, or cannot be reached.</exception>
    public static async Task<Conversation> OpenAsync(
        SpeechService.SpeechServiceClient client, OpenSession open, TimeProvider time, CancellationToken cancellationToken)
    {
        var conversation = new Conversation(time);
        conversation._stream = await SpeechStream.OpenAsync(
            client, new SpeakRequest { Open = open }, response => conversation._turn?.Handle(response), cancellationToken);
        return conversation;
    }

    /// <summary>Says a turn, and waits until it has ended.</summary>
    /// <param name="samples">Mono signed 16-bit little-endian samples at the session's rate.</param>
    /// <param name="isRealTime">Whether they are sent as a voice speaks.</param>
    /// <param name="cutShort">Ends the turn after what has been sent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The session ended before the turn did.</exception>
    public async Task<TimedTurn> SayAsync(
        ReadOnlyMemory<byte> samples, bool isRealTime, CancellationToken cutShort, CancellationToken cancellationToken)
    {
        var turn = _turn = new TimedTurn($"turn-{++_turns}", Opened.AudioFormat.SampleRate, _time);
        var sender = new SpeechSender(_stream!)
        {
            IsRealTime = isRealTime,
            IsOver = () => cutShort.IsCancellationRequested || turn.Spoken.Outcome != TurnOutcome.Unspecified,
            OnProgress = bytes => turn.Timer.Send(bytes / sizeof(short)),
        };
        await sender.SendAsync(turn.Id, SpeechInput.OfPcm(samples, Opened.AudioFormat.SampleRate), cancellationToken);
        await Task.WhenAny(turn.Spoken.Ended, _stream!.Completion).WaitAsync(cancellationToken);
        if (!turn.Spoken.Ended.IsCompleted)
        {
            await _stream.Completion;
            throw new CommandException("The session was closed before the turn had ended.");
        }

        return turn;
    }

    /// <summary>Closes the session and waits for the gateway's last word.</summary>
    public Task CloseAsync(string reason, CancellationToken cancellationToken) => _stream!.CloseAsync(reason, cancellationToken);

    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
