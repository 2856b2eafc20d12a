using System.CommandLine;
using MotionGateway.Cli.Audio;
using MotionGateway.Speech;

namespace MotionGateway.Cli.Commands;

/// <summary>Options that say what bare samples are.</summary>
internal sealed class RawSpeechOptions
{
    private readonly Option<int?> _rate = new("--rate")
    {
        Description = $"The input is raw samples at this rate, {SpeechFormat.MinSampleRate} to {SpeechFormat.MaxSampleRate}.",
        HelpName = "HZ",
    };

    private readonly Option<string?> _encoding = new("--encoding") { Description = $"How raw samples are encoded. [default: {EncodingNames.Raw[0]}]" };
    private readonly Option<int?> _channels = new("--channels") { Description = "Channels of raw samples; two are mixed to one. [default: 1]" };

    public RawSpeechOptions()
    {
        _encoding.AcceptOnlyFromAmong(EncodingNames.Raw);
        _channels.AcceptOnlyFromAmong("1", "2");
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_rate);
        command.Options.Add(_encoding);
        command.Options.Add(_channels);
    }

    /// <summary>What they say; null when the input tells its form itself.</summary>
    /// <exception cref="CommandException">They contradict each other.</exception>
    public SpeechFormat? Read(ParseResult parsed)
    {
        string? encoding = parsed.GetValue(_encoding);
        int? channels = parsed.GetValue(_channels);
        if (parsed.GetValue(_rate) is not { } rate)
        {
            return encoding is null && channels is null ? null
                : throw new CommandException("--encoding and --channels say what raw samples are: name their rate with --rate.", ExitCode.Usage);
        }

        return rate is >= SpeechFormat.MinSampleRate and <= SpeechFormat.MaxSampleRate
            ? new SpeechFormat(EncodingNames.Find(encoding ?? EncodingNames.Raw[0]), rate, channels ?? 1)
            : throw new CommandException(
                $"--rate: {rate} Hz is not between {SpeechFormat.MinSampleRate} and {SpeechFormat.MaxSampleRate}.", ExitCode.Usage);
    }
}
