using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Browser.Tests;

/// <summary>How speech sounds in Chromium, and whether the face follows it: the built executable, and the scripts in clients/web/tests.</summary>
[Trait("Category", "Browser")]
public sealed class SpeechPageTests(ITestOutputHelper output) : ScriptedTests(output)
{
    private const int Attempts = 3;

    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(15);

    // Joined before its first turn: the face follows from there on.
    [RequiresToolTheory(Chromium, ChromiumRemedy)]
    [InlineData("pcm", "pcmS16le")]
    [InlineData("opus", "oggOpus")]
    public Task Page_VoiceInRealTime_FaceFollowsFromTheFirstTurn(string deliver, string encoding) =>
        CheckSpeechAsync(["--realtime", "--deliver", deliver], "8", "2", encoding, "follows");

    [RequiresToolTheory(Chromium, ChromiumRemedy)]
    [InlineData("pcm", "pcmS16le")]
    [InlineData("opus", "oggOpus")]
    public Task Page_VoiceInRealTimeAndMotionInLongSegments_FaceFollowsWhereItIsWaitedFor(string deliver, string encoding) =>
        CheckSpeechAsync(
            ["--realtime", "--recorded-segments", "--max-motion-wait-ms", "4500", "--deliver", deliver], "9", "2", encoding, "follows-later");

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public Task Page_MotionInLongSegmentsThatIsNotWaitedFor_SpeechGoesOnAndTheSkewIsTold() =>
        CheckSpeechAsync(["--realtime", "--recorded-segments"], "9", "1", "pcmS16le", "late");

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public Task Page_TurnOfAMinuteFasterThanItIsHeard_PlaysAtThePaceOfTheClock() => CheckSpeechAsync([], "60", "1", "pcmS16le", "follows");

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    [Trait("Category", "Long")]
    public Task Page_TurnOfTenMinutes_PlaysAtThePaceOfTheClock() => CheckSpeechAsync([], "600", "1", "pcmS16le", "follows");

    // Paces and motion without a gateway's pacing: the player does it.
    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public Task Player_FeedThatIsNotPaced_FaceFollowsAtThePaceOfSpeechAndTenTimesThat() =>
        AttemptAsync(() => CheckAsync("tests/browser/speech-check.mjs", "mock", "6", "1"));

    private Task CheckSpeechAsync(string[] options, params string[] arguments) => AttemptAsync(async () =>
    {
        await using var demo = await DemoProcess.StartAsync(options);
        await CheckAsync("tests/browser/speech-check.mjs", LongLimit, [demo.PageUrl, .. arguments]);
    });

    // A machine that has no time to paint or to play makes a face stand still by itself: of three runs one has to do.
    private async Task AttemptAsync(Func<Task> check)
    {
        for (int left = Attempts; ; left--)
        {
            try
            {
                await check();
                return;
            }
            catch (Xunit.Sdk.XunitException failure) when (left > 1)
            {
                Output.WriteLine(failure.Message);
            }
        }
    }
}
