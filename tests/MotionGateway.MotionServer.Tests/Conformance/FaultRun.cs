using System.Globalization;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.MotionServer.Tests.Scripted;
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
        using RecordingLogs logs = new();
        await using MotionServerClient client = server.Client(
            apiKey,
            options =>
            {
                options.SendTimeout = IsDeaf ? FaultyServer.StepTimeout : options.SendTimeout;
                // What never comes is not waited for here.
                options.MotionTimeout = TimeSpan.Zero;
            },
            logs: logs);
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
        if (fault.Point == FaultPoint.TwoRequests)
        {
            // Begun and left open: what is said next is the second request beside it.
            await reading.Start("open").SendAsync(FaultyServer.Speech[..6000]).AsTask().DefaultTimeout();
        }

        await SayAsync(reading, "one", fault.Outcome.Kind == FaultOutcomeKind.AudioOnly ? Certainty : Patience);
        await SayAsync(reading, "two", Patience);
        // A report waits a moment for a close. Of one about a turn that nobody reads any more the log tells.
        bool isLogged = false;
        await Eventually.TrueAsync(() => reading.Errors.Count > 0 || fault.Outcome is not { Code: not null, ConnectionStays: true }
            || (isLogged = fault.Point == FaultPoint.End && logs.All.Contains($"request one: {fault.Outcome.Code}.", StringComparison.Ordinal)));
        bool stays = !reading.IsOver && reading.Turn("two").Judge(server.Motion) == "completed";
        string seen = isLogged && reading.Errors.Count == 0 && stays ? fault.Outcome.ToString() : Judge(connection, reading, stays);
        await connection.CloseAsync().DefaultTimeout();
        return seen + await JudgeCompletionAsync(connection, reading, stays);
    }

    private async Task SayAsync(ClientReading reading, string turn, TimeSpan patience)
    {
        try
        {
            ReadOnlyMemory<byte> speech = FaultyServer.Speech;
            IMotionRequest request = reading.Start(turn);
            for (int i = 0; IsDeaf && i < FloodMessages; i++)
            {
                await request.SendAsync(new byte[256 * 1024]).AsTask().DefaultTimeout();
            }

            await request.SendAsync(speech[..6000]).AsTask().DefaultTimeout();
            await request.SayAsync(speech[6000..]).DefaultTimeout();
        }
        catch (MotionServerException failure)
        {
            Assert.Equal(MotionServerPhase.WebSocketSend, failure.Phase);
            // The reader learns the reason.
            await reading.WaitForOverAsync();
        }

        await reading.WaitForEndAsync(turn, patience);
    }

    private string Judge(IMotionConnection connection, ClientReading reading, bool stays)
    {
        string turn = reading.Turn("one").Judge(server.Motion);
        if (fault.Point == FaultPoint.End && turn != "completed")
        {
            return $"the turn before the fault is spoiled: {turn}";
        }

        return ErrorsOf(connection, reading) switch
        {
            [] => turn == "undetectable" && stays ? turn : $"{turn}{(stays ? turn == "completed" ? "" : ", connection stays" : ", connection is over")}",
            [var error] => Describe(error, stays),
            var several => $"{several.Count} errors: {string.Join(", ", several.Select(error => Describe(error, stays)))}",
        };
    }

    // Where no turn is under way, the end is the connection's to tell.
    private static IReadOnlyList<MotionServerException> ErrorsOf(IMotionConnection connection, ClientReading reading) =>
        reading.Errors.Count == 0 && connection.Completion.Exception?.InnerException is MotionServerException end ? [end] : reading.Errors;

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
            return !stays && ErrorsOf(connection, reading) is [var error] && Describe(error, false) == Describe(failure, false) ? "" : $", but its completion is {Describe(failure, stays)}";
        }
    }

    private static string Describe(MotionServerException failure, bool connectionStays)
    {
        // The pause that the server asks for; where it asks for none, each SDK has its own.
        string pause = failure.AskedPause is { } after ? string.Create(CultureInfo.InvariantCulture, $" after {after.TotalSeconds:0.###} s") : "";
        return $"error {failure.Code.ToStableName()} {failure.Phase.ToStableName()} {failure.Retry.ToStableName()}{pause}{(connectionStays ? ", connection stays" : "")}";
    }
}
