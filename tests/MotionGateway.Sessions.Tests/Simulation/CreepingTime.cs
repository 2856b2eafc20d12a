using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>A clock that goes on a little each time somebody looks, as true ones do.</summary>
internal sealed class CreepingTime(TimeSpan step) : FakeTimeProvider
{
    public override long GetTimestamp()
    {
        Advance(step);
        return base.GetTimestamp();
    }
}
