using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>What an interrupt did.</summary>
/// <param name="TurnId">The turn that was meant; empty when none was there.</param>
/// <param name="AlreadyEnded">It had ended already, or none was there: nothing was done.</param>
/// <param name="Discarded">Sequences that are void now; null when none are.</param>
/// <param name="PlayedSamples">Samples heard.</param>
/// <param name="FurtherTurnIds">Further turns that were interrupted with it.</param>
public sealed record InterruptResult(
    string TurnId, bool AlreadyEnded, SequenceSpan? Discarded, long PlayedSamples, IReadOnlyList<string> FurtherTurnIds);
