using MotionGateway.Cli.Demo.Agent;
using System.Threading.Channels;

namespace MotionGateway.Cli.Tests.Demo;

/// <summary>A session that keeps what an agent does in it.</summary>
internal sealed class RecordedSession : IAnsweringSession
{
    private readonly Channel<(string What, string Text, byte[] Samples)> _done = Channel.CreateUnbounded<(string, string, byte[])>();
    private int _turns;

    public int SampleRate => Voices.SampleRate;

    /// <summary>The next thing that was done: the kind of a message with its text, or <c>say</c> with the samples.</summary>
    public async Task<(string What, string Text, byte[] Samples)> NextAsync() => await _done.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    public Task<string> SayInsteadAsync(ReadOnlyMemory<byte> samples, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string turnId = $"turn-{++_turns}";
        _done.Writer.TryWrite(("say", turnId, samples.ToArray()));
        return Task.FromResult(turnId);
    }

    public Task TellViewersAsync(string kind, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _done.Writer.TryWrite((kind, text, []));
        return Task.CompletedTask;
    }
}
