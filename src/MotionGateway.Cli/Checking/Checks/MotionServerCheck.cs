using MotionGateway.MotionServer;
using MotionGateway.Protocol;
using MotionGateway.Sessions;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>This machine can connect to the Motion Server with the app's credentials, whatever the gateway does.</summary>
internal sealed class MotionServerCheck(MotionServerOptions options, string avatarId) : ICheck
{
    public string Name => "motion server";

    public IReadOnlyList<string> Needs => [];

    public TimeSpan Limit => TimeSpan.FromSeconds(15);

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        await using var client = new MotionServerClient(options);
        try
        {
            await using var connection = await client.ConnectAsync(new(avatarId, new(Tone.SampleRate)), cancellationToken);
            return CheckFinding.Ok($"takes connections of {options.AppId} for {avatarId}");
        }
        catch (MotionServerException failure)
        {
            string reason = ErrorTable.GetName(failure.ToReason());
            throw new CheckFailedException($"{reason}: {failure.Message}", Remedies.Of(reason));
        }
    }
}
