using System.Globalization;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>An application over the SDK that meets a fault: says two turns and tells, in the words of the outcomes, what it made of it.</summary>
internal sealed class FaultRun(FaultyServer server, Fault fault)
{
    // What should come has time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // What never comes is waited for as long as it takes to be sure of it.
    private static readonly TimeSpan Certainty = TimeSpan.FromMilliseconds(400);

    // More than all the buffers between the two hold.
    private const int FloodMessages = 400;

    private bool IsDeaf => fault.Outcome.Phase == "websocket_send";

    public async Task<string> ObserveAsync()
    {
        (string apiKey, string avatarId) = FaultyServer.Asking(fault);
        await using MotionServerClient client = server.Client(apiKey, options => options.SendTimeout = IsDeaf ? FaultyServer.StepTimeout : options.SendTimeout);
        IMotionConnection connection;
        try
        {
            connection = await client.ConnectAsync(avatarId, FaultyServer.Format).DefaultTimeout();
        }
        catch (MotionServerException failure)
        {
            return Describe(failure, connectionStays: false);
        }

        await using ClientReading reading = new(connection);
        await SayAsync(connection, reading, "one", fault.Outcome.Kind == FaultOutcomeKind.AudioOnly ? Certainty : Patience);
        await SayAsync(connection, reading, "two", Patience);
        // A report waits a moment for a close.
        await Eventually.TrueAsync(() => reading.Errors.Count > 0 || fault.Outcome is not { Code: not null, ConnectionStays: true });
        bool stays = !reading.IsOver && reading.Turn("two").Judge(server.Motion) == "recovered";
        string seen = Judge(reading, stays);
        await connection.CloseAsync().DefaultTimeout();
        return seen + await JudgeCompletionAsync(connection, reading, stays);
    }

    private async Task SayAsync(IMotionConnection connection, ClientReading reading, string turn, TimeSpan patience)
    {
        try
        {
            ReadOnlyMemory<byte> speech = FaultyServer.Speech;
            for (int i = 0; IsDeaf && i < FloodMessages; i++)
            {
                await connection.SendAudioAsync(turn, new byte[256 * 1024], isLast: false).AsTask().DefaultTimeout();
            }

            await connection.SendAudioAsync(turn, speech[..6000], isLast: false).AsTask().DefaultTimeout();
            await connection.SendAudioAsync(turn, speech[6000..], isLast: true).AsTask().DefaultTimeout();
        }
        catch (MotionServerException failure)
        {
            Assert.Equal(MotionServerPhase.WebSocketSend, failure.Phase);
            // The reader learns the reason.
            await reading.WaitForOverAsync();
        }

        await reading.WaitForEndAsync(turn, patience);
    }

    private string Judge(ClientReading reading, bool stays)
    {
        string turn = reading.Turn("one").Judge(server.Motion);
        if (fault.Name.EndsWith("-after-turn", StringComparison.Ordinal) && turn != "recovered")
        {
            return $"the turn before the fault is spoiled: {turn}";
        }

        return reading.Errors switch
        {
            [] => turn == "undetectable" && stays ? turn : $"{turn}{(stays ? turn == "recovered" ? "" : ", connection stays" : ", connection is over")}",
            [var error] => Describe(error, stays),
            var several => $"{several.Count} errors: {string.Join(", ", several.Select(error => Describe(error, stays)))}",
        };
    }

    // A connection tells its end once more, and then says the same as its reader was told.
    private static async Task<string> JudgeCompletionAsync(IMotionConnection connection, ClientReading reading, bool stays)
    {
        try
        {
            await connection.Completion.DefaultTimeout();
            return stays || reading.Errors.Count == 0 ? "" : ", but its completion is a success";
        }
        catch (MotionServerException failure)
        {
            return !stays && reading.Errors is [var error] && Describe(error, false) == Describe(failure, false) ? "" : $", but its completion is {Describe(failure, stays)}";
        }
    }

    private static string Describe(MotionServerException failure, bool connectionStays)
    {
        // The pause that the server asks for; where it asks for none, each SDK has its own.
        string pause = failure.AskedPause is { } after ? string.Create(CultureInfo.InvariantCulture, $" after {after.TotalSeconds:0.###} s") : "";
        return $"error {failure.Code.ToStableName()} {failure.Phase.ToStableName()} {failure.Retry.ToStableName()}{pause}{(connectionStays ? ", connection stays" : "")}";
    }
}
