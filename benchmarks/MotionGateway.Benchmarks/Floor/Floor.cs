namespace MotionGateway.Benchmarks;

/// <summary>
/// What the same hops cost on this platform at least: <see cref="Overhead"/> with a bare gateway and a bare relay, which copy and do
/// nothing else.
/// </summary>
internal sealed class Floor(int sessions) : IScenario
{
    public string Name => $"floor-{sessions}";

    public string Description => $"the hops of overhead-{sessions} with nothing in them: a bare gRPC server and a bare relay that copy";

    public async Task<object> RunAsync(string executable) => new { Name, Description, Sessions = sessions, Cost = await MeasureAsync(sessions) };

    public static async Task<SpeechCost> MeasureAsync(int sessions)
    {
        using var deployment = await Deployment.StartFloorAsync();
        return await new SpeechLoad(deployment, sessions).RunAsync();
    }
}
