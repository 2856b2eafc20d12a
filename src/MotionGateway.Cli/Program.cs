return await MotionGateway.Cli.CommandLine.RunAsync(args);
