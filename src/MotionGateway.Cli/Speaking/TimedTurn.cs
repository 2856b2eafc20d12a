using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>A turn as its speaker sees it: what became of it, when its media came, and how much.</summary>
internal sealed class TimedTurn(string id, int sampleRate, TimeProvider time)
{
    /// <summary>Its id.</summary>
    public string Id { get; } = id;

    /// <summary>What became of it.</summary>
    public SpokenTurn Spoken { get; } = new(id);

    /// <summary>When its media came.</summary>
    public TurnTimer Timer { get; } = new(sampleRate, time);

    /// <summary>What came.</summary>
    public ViewedTurn Viewed { get; } = new(id);

    /// <summary>Takes in a response that may be about this turn.</summary>
    public void Handle(SpeakResponse response)
    {
        if (response.Payload is { } payload && payload.TurnId == Id)
        {
            Timer.Take(payload);
            Viewed.Add(payload);
        }

        Spoken.Handle(response);
    }
}
