namespace MotionGateway.Benchmarks;

/// <summary>Something to measure of the whole product, with each service in a process of its own and this one as the load.</summary>
internal interface IScenario
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>What is measured, and against what, for people.</summary>
    string Description { get; }

    /// <summary>Measures.</summary>
    /// <param name="executable">The product's executable, <c>motiongateway.dll</c>.</param>
    /// <returns>What is printed as one JSON object.</returns>
    Task<object> RunAsync(string executable);
}
