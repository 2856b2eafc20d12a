namespace MotionGateway.Cli.Tests.Configuration;

/// <summary>Tests that change the environment of this process, one at a time.</summary>
[CollectionDefinition(nameof(ProcessEnvironment), DisableParallelization = true)]
public sealed class ProcessEnvironment;
