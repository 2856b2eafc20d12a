using System.CommandLine;
using MotionGateway.Cli.Connecting;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary>What all commands below <c>sessions</c> have in common: which gateway they call, and how they show what it answers.</summary>
internal sealed class SessionsCalls
{
    public SessionsCalls()
    {
        Gateway.Recursive = true;
        Json.Recursive = true;
    }

    /// <summary>The gateway's address.</summary>
    public Option<string> Gateway { get; } = CommonOptions.Gateway();

    /// <summary>How it is called.</summary>
    public ConnectionOptions Connection { get; } = new();

    /// <summary>Whether programs read the answer.</summary>
    public Option<bool> Json { get; } = CommonOptions.Json();

    /// <summary>Calls the gateway.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="call">Makes the call and shows what is answered.</param>
    public async Task<int> RunAsync(ParseResult parsed, Func<SessionService.SessionServiceClient, SessionsView, Task> call)
    {
        using var channel = Connection.Read(parsed).OpenGateway(CommonOptions.ToAddress(parsed.GetRequiredValue(Gateway), Gateway.Name));
        await call(new SessionService.SessionServiceClient(channel), new SessionsView(new Output.Screen(parsed.GetValue(Json))));
        return ExitCode.Ok;
    }
}
