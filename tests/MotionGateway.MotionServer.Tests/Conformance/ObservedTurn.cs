using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>The motion of one request, up to its end; what comes after that is no part of it.</summary>
internal sealed class ObservedTurn
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Flame> _keyframes = [];

    public Task Ended => _ended.Task;

    /// <summary>The keyframes; to be looked at when nothing more comes.</summary>
    public IReadOnlyList<Flame> Keyframes => _keyframes;

    public void Add(MotionMessage message)
    {
        if (_ended.Task.IsCompleted)
        {
            return;
        }

        _keyframes.AddRange(Message.Parser.ParseFrom(message.Envelope.Span).ServerResponseAnimation.Animation?.Keyframes ?? []);
        if (message.End)
        {
            _ended.SetResult();
        }
    }

    /// <summary>In the words of the outcomes: what an application can make of this turn, whose motion should be the given one.</summary>
    public string Judge(IReadOnlyList<Flame> expected) =>
        !Ended.IsCompleted || _keyframes.Count < expected.Count ? "audio only"
        : _keyframes.SequenceEqual(expected) ? "completed"
        : "undetectable";
}
