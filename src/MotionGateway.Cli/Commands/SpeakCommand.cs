using System.CommandLine;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Output;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary><c>speak</c>: says a file or a pipe.</summary>
internal static class SpeakCommand
{
    private const string RealTime = "realtime";
    private const string Fast = "fast";

    private const string Summary =
        "Say a file or a pipe: open a session, send it as one turn, wait until it has been heard, and show what became of it.";

    private const string Explanation =
        "FILE is WAV (PCM, float, mu-law, A-law), Ogg Opus, or raw samples with --rate; one or two channels, 8000 to 48000 Hz.\n"
        + "'-' reads standard input, such as:\n"
        + "  espeak-ng --stdout \"Hello\" | motiongateway speak -\n"
        + "  ffmpeg -i story.mp3 -f ogg -c:a libopus - | motiongateway speak - --pace realtime\n"
        + "It shows the address of the page at which the session can be seen, and what viewers do. With --json the last line is\n"
        + "the result.";

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "WAV, Ogg Opus or raw samples; '-' for standard input." };
        var raw = new RawSpeechOptions();
        var delivery = new DeliveryOptions();
        var connection = new ConnectionOptions();
        var gateway = CommonOptions.Gateway();
        var relay = CommonOptions.Relay();
        var avatar = CommonOptions.Avatar();
        var turn = new Option<string?>("--turn-id") { Description = "Name of the turn, new in its session. [default: made up]", HelpName = "ID" };
        var session = new Option<string?>("--session") { Description = "Resume this session instead of opening one. Needs --resume-token.", HelpName = "ID" };
        var resume = new Option<string?>("--resume-token") { Description = "The session's latest resume token, as --keep shows it.", HelpName = "TOKEN" };
        var pace = Pace();
        var chunk = new Option<int>("--chunk-ms") { Description = "Media time of each chunk that is sent; of Ogg Opus as of 32 kbit/s.", HelpName = "MS", DefaultValueFactory = _ => 100 };
        var interrupt = new Option<int?>("--interrupt-after") { Description = "Interrupt the turn so many milliseconds after its first chunk.", HelpName = "MS" };
        var keep = new Option<bool>("--keep") { Description = "Do not close the session: it waits for a while for whoever resumes it." };
        var hold = new Option<bool>("--hold") { Description = "Stay in the session until Ctrl+C." };
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("speak", Summary, Explanation) { file };
        raw.AddTo(command);
        delivery.AddTo(command);
        foreach (var option in (Option[])[gateway, relay, avatar, turn, session, resume, pace, chunk, interrupt, keep, hold, json])
        {
            command.Options.Add(option);
        }

        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new SpeakPlan
            {
                File = parsed.GetRequiredValue(file),
                Raw = raw.Read(parsed),
                Delivery = delivery.Read(parsed),
                Gateway = CommonOptions.ToAddress(parsed.GetRequiredValue(gateway), "--gateway"),
                Relay = CommonOptions.ToAddress(parsed.GetRequiredValue(relay), relay.Name),
                AvatarId = parsed.GetRequiredValue(avatar),
                TurnId = parsed.GetValue(turn) ?? $"turn-{Guid.NewGuid().ToString("n")[..8]}",
                SessionId = parsed.GetValue(session),
                ResumeToken = parsed.GetValue(resume),
                IsRealTime = parsed.GetRequiredValue(pace) == RealTime,
                Chunk = TimeSpan.FromMilliseconds(parsed.GetValue(chunk)),
                InterruptAfter = parsed.GetValue(interrupt) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                IsKept = parsed.GetValue(keep),
                IsHeld = parsed.GetValue(hold),
            };
            plan.Check();
            return await RunAsync(plan, connection.Read(parsed), new Screen(parsed.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static Option<string> Pace()
    {
        var pace = new Option<string>("--pace") { Description = "Send at once, or as a voice speaks.", DefaultValueFactory = _ => Fast };
        pace.AcceptOnlyFromAmong(RealTime, Fast);
        return pace;
    }

    private static async Task<int> RunAsync(SpeakPlan plan, Connection connection, Screen screen, CancellationToken cancellationToken)
    {
        await using var stream = plan.File == "-" ? Console.OpenStandardInput() : OpenFile(plan.File);
        string name = plan.File == "-" ? "Standard input" : plan.File;
        var input = await SpeechInput.OpenAsync(stream, name, plan.Raw, cancellationToken);
        using var channel = connection.OpenGateway(plan.Gateway);
        await using var speech = new SpeakRun(plan, screen, new SpeechService.SpeechServiceClient(channel));
        return await speech.RunAsync(input, cancellationToken);
    }

    private static FileStream OpenFile(string path) => File.Exists(path) ? File.OpenRead(path)
        : throw new CommandException($"There is no file {path}.", ExitCode.Usage);

    /// <summary>What was asked for.</summary>
    internal sealed record SpeakPlan
    {
        public required string File { get; init; }

        /// <summary>What bare samples are; null when the file tells its form itself.</summary>
        public SpeechFormat? Raw { get; init; }

        /// <summary>How viewers get the session; null: by the gateway's defaults.</summary>
        public Delivery? Delivery { get; init; }

        public required Uri Gateway { get; init; }

        public required Uri Relay { get; init; }

        public required string AvatarId { get; init; }

        public required string TurnId { get; init; }

        public string? SessionId { get; init; }

        public string? ResumeToken { get; init; }

        public bool IsRealTime { get; init; }

        public TimeSpan Chunk { get; init; }

        public TimeSpan? InterruptAfter { get; init; }

        public bool IsKept { get; init; }

        public bool IsHeld { get; init; }

        /// <summary>Refuses what contradicts itself.</summary>
        public void Check()
        {
            if ((SessionId is null) != (ResumeToken is null))
            {
                throw new CommandException("--session and --resume-token go together: give both, or neither.", ExitCode.Usage);
            }

            if (SessionId is not null && Delivery is not null)
            {
                throw new CommandException(
                    "--session resumes a session whose delivery was chosen when it was opened: leave out --deliver, --audio-release and the --max options.",
                    ExitCode.Usage);
            }

            if (Chunk < TimeSpan.FromMilliseconds(1) || Chunk > TimeSpan.FromSeconds(2))
            {
                throw new CommandException("--chunk-ms takes 1 to 2000.", ExitCode.Usage);
            }

            if (InterruptAfter < TimeSpan.Zero)
            {
                throw new CommandException("--interrupt-after must not be negative.", ExitCode.Usage);
            }
        }
    }
}
