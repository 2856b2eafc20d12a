using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Tests.Faults;

namespace MotionGateway.LocalMotion.Tests;

public sealed class FaultCatalogTests
{
    private static readonly string[] Codes =
    [
        "sessionTokenExpired", "sessionTokenInvalid", "appIDUnrecognized", "appIDMismatch", "avatarNotFound", "billingRequired",
        "creditsExhausted", "sessionDurationExceeded", "concurrencyLimit", "unsupportedSampleRate", "invalidEgressConfig",
        "egressUnavailable", "idleTimeout", "upstreamError", "invalidRequest", "connectionFailed", "connectionClosed",
        "protocolError", "serverError", "unknown",
    ];

    [Fact]
    public void All_Names_AreUniqueAndFoundAgain()
    {
        Assert.Equal(FaultCatalog.All.Count, FaultCatalog.All.Select(fault => fault.Name).Distinct().Count());
        Assert.All(FaultCatalog.All, fault => Assert.Matches("^fault-[a-z0-9-]+(@[a-z-]+)?$", fault.Name));
        Assert.All(FaultCatalog.All, fault => Assert.Same(fault, FaultCatalog.Find(fault.Name)));
        Assert.All(FaultCatalog.All, fault => Assert.Matches(@"^[A-Z0-9][^\n|]{10,200}\.$", fault.Description));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(fault.Point == FaultPoint.Token, fault.Name.StartsWith("fault-token-", StringComparison.Ordinal)));
        Assert.InRange(FaultCatalog.Behaviours.Count, 50, 90);
    }

    [Fact]
    public void All_OfABehaviour_ShowEachParameterAndEachPoint() => Assert.All(FaultCatalog.Behaviours, behaviour =>
    {
        Assert.Equal(behaviour.Parameters.Order(), behaviour.Faults.Select(fault => fault.Parameter).Distinct().Order());
        Assert.Equal(behaviour.Points.Order(), behaviour.Faults.Select(fault => fault.Point).Distinct().Order());
        // A parameter and a point that are not shown together can be asked for together.
        Assert.All(behaviour.AllFaults, fault => Assert.Same(fault, FaultCatalog.Find(fault.Name)));
    });

    [Theory]
    [InlineData("fault-server-error-4010@handshake", "server-error", "4010", FaultPoint.Handshake)]
    [InlineData("fault-server-error-alone-0@two-requests", "server-error-alone", "0", FaultPoint.TwoRequests)]
    [InlineData("fault-reset@first-audio", "reset", "", FaultPoint.FirstAudio)]
    [InlineData("fault-missing-motion", "missing-motion", "", FaultPoint.Motion)]
    public void Find_OfAName_TellsBehaviourParameterAndPoint(string name, string behaviour, string parameter, FaultPoint point)
    {
        Fault fault = FaultCatalog.Find(name)!;
        Assert.Equal((behaviour, parameter, point), (fault.Behaviour.Name, fault.Parameter, fault.Point));
    }

    [Theory]
    [InlineData("fault-nonsense", "'fault-nonsense' names none of the faults.")]
    [InlineData("server-error-4010@handshake", "names none of the faults")]
    [InlineData("fault-server-error-17@handshake", "fault-server-error-{code}@{point} takes for code one of 4503, 4010, ")]
    [InlineData("fault-reset-4001@motion", "fault-reset takes no parameter.")]
    [InlineData("fault-server-error-4010", "strikes at one of motion, handshake, any, first-audio, end, two-requests: write fault-server-error-4010@motion")]
    [InlineData("fault-server-error-4010@lunch", "strikes at one of motion")]
    [InlineData("fault-no-motion@handshake", "fault-no-motion is written without @")]
    public void Arm_OfNoName_SaysWhatWouldDo(string name, string problem)
    {
        Assert.Null(FaultCatalog.Find(name));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new FaultBoard().Arm(name));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fault-close-4503@motion", true)]
    [InlineData("fault-close-4503@motion.label", true)]
    [InlineData("fault-close-4503@motion@2", true)]
    [InlineData("fault-close-4503@motion.label@2", true)]
    [InlineData("fault-close-4503@2", false)]
    [InlineData("fault-close-4503@motion@", false)]
    [InlineData("fault-token-status-401", false)]
    public void Avatar_WithPointLabelAndCount_NamesAFault(string avatarId, bool names) => Assert.Equal(names, FaultChoice.IsAvatar(avatarId));

    [Fact]
    public void All_Outcomes_AreInStableNames()
    {
        FaultOutcome[] errors = [.. FaultCatalog.All.Select(fault => fault.Outcome).Where(outcome => outcome.Kind == FaultOutcomeKind.Error)];
        Assert.Equal(Codes.Order(), errors.Select(outcome => outcome.Code!).Distinct().Order());
        Assert.Equal(
            ["session_token", "websocket_connect", "websocket_handshake", "websocket_runtime", "websocket_send"], errors.Select(outcome => outcome.Phase!).Distinct().Order());
        Assert.Equal(["backoff", "delayed", "fresh_token", "immediate", "never"], errors.Select(outcome => outcome.Retry!).Distinct().Order());
        Assert.Equal(Enum.GetValues<FaultOutcomeKind>(), FaultCatalog.All.Select(fault => fault.Outcome.Kind).Distinct().Order());
        Assert.Equal(Enum.GetValues<SessionOutcome>(), FaultCatalog.All.Select(fault => fault.Outcome.Session).Distinct().Order());
    }

    [Fact]
    public void All_Outcomes_OfACodeNeverContradictItsRetryClass()
    {
        // Whether connecting again can help is the code's to say: only at the token a fresh token cannot help, because the API key is refused.
        IEnumerable<IGrouping<string, string>> classes = FaultCatalog.All
            .Where(fault => fault.Outcome.Kind == FaultOutcomeKind.Error && fault.Point != FaultPoint.Token)
            .GroupBy(fault => fault.Outcome.Code!, fault => fault.Outcome.Retry!);
        Assert.All(classes, code => Assert.Single(code.Distinct()));
    }

    // From the protocol, not from the catalogue: what each code of a ServerError and of a close says.
    [Theory]
    [InlineData("server-error-4001", "creditsExhausted", "never")]
    [InlineData("server-error-4002", "sessionDurationExceeded", "immediate")]
    [InlineData("server-error-4003", "concurrencyLimit", "delayed")]
    [InlineData("server-error-4010", "sessionTokenInvalid", "fresh_token")]
    [InlineData("server-error-4503", "upstreamError", "backoff")]
    [InlineData("server-error-0", "serverError", "backoff")]
    [InlineData("server-error-3", "invalidRequest", "never")]
    [InlineData("server-error-13", "serverError", "backoff")]
    [InlineData("server-error-14", "egressUnavailable", "backoff")]
    [InlineData("server-error-16", "invalidEgressConfig", "never")]
    [InlineData("close-4001", "creditsExhausted", "never")]
    [InlineData("close-4002", "sessionDurationExceeded", "immediate")]
    [InlineData("close-4003", "concurrencyLimit", "delayed")]
    [InlineData("close-4010", "sessionTokenInvalid", "fresh_token")]
    [InlineData("close-4503", "upstreamError", "backoff")]
    [InlineData("close-4999", "connectionClosed", "backoff")]
    public void Outcome_OfACode_IsWhatTheProtocolSays(string name, string code, string retry)
    {
        foreach ((string point, string phase) in new[] { ("handshake", "websocket_handshake"), ("motion", "websocket_runtime"), ("any", "websocket_runtime") })
        {
            Assert.Equal($"error {code} {phase} {retry}", FaultCatalog.Find($"fault-{name}@{point}")!.Outcome.ToString());
        }

        if (name.StartsWith("server-error", StringComparison.Ordinal))
        {
            string alone = name.Replace("error", "error-alone", StringComparison.Ordinal);
            Assert.Equal($"error {code} websocket_runtime {retry}, connection stays", FaultCatalog.Find($"fault-{alone}@motion")!.Outcome.ToString());
        }
    }

    [Theory]
    [InlineData("token-status-401", "sessionTokenInvalid session_token never")]
    [InlineData("token-status-403", "appIDUnrecognized session_token never")]
    [InlineData("token-status-429", "concurrencyLimit session_token delayed after 7 s")]
    [InlineData("token-status-503", "serverError session_token backoff")]
    [InlineData("token-egress-401", "sessionTokenInvalid session_token never")]
    [InlineData("token-egress-503", "serverError session_token backoff")]
    [InlineData("upgrade-status-400", "sessionTokenInvalid websocket_connect fresh_token")]
    [InlineData("upgrade-status-401", "sessionTokenExpired websocket_connect fresh_token")]
    [InlineData("upgrade-status-402", "billingRequired websocket_connect never")]
    [InlineData("upgrade-status-404", "appIDUnrecognized websocket_connect never")]
    [InlineData("upgrade-message-avatar", "avatarNotFound websocket_connect never")]
    public void Outcome_OfAnAnswer_IsWhatTheProtocolSays(string name, string error) =>
        Assert.Equal($"error {error}", FaultCatalog.Find($"fault-{name}")!.Outcome.ToString());

    [Theory]
    [InlineData("close-4503@motion", SessionOutcome.Recovered)]
    [InlineData("server-error-4001@motion", SessionOutcome.AudioOnly)]
    [InlineData("close-4001@end", SessionOutcome.Completed)]
    [InlineData("stall-request@motion", SessionOutcome.Recovered)]
    [InlineData("fewer-keyframes-2", SessionOutcome.Completed)]
    [InlineData("fewer-keyframes-4", SessionOutcome.Recovered)]
    [InlineData("ping-flood@motion", SessionOutcome.Completed)]
    [InlineData("server-error-4003@motion", SessionOutcome.AudioOnly)]
    public void Session_InMidTurn_MakesThisOfTheFault(string name, SessionOutcome session) =>
        Assert.Equal(session, FaultCatalog.Find($"fault-{name}")!.Outcome.Session);

    [Fact]
    public void StrikesEgress_OfFaultsOfTheMotionOnTheWire_IsFalseAndTold()
    {
        Assert.All(FaultCatalog.All, fault => Assert.Equal(!fault.StrikesEgress, fault.Description.EndsWith(" Not with egress.", StringComparison.Ordinal)));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(fault.StrikesEgress, fault.ToJson().GetProperty("strikesEgress").GetBoolean()));
        Assert.All(FaultCatalog.All.Where(fault => !fault.StrikesEgress), fault => Assert.True(fault.Point >= FaultPoint.FirstAudio));
        Assert.Contains(FaultCatalog.All, fault => !fault.StrikesEgress);
    }

    [Fact]
    public void Documentation_Behaviours_AreThoseOfTheCode() => Assert.Equal(string.Join('\n', FaultsPage.Rows), string.Join('\n', FaultsPage.Documented));
}
