namespace MotionGateway.Sessions;

/// <summary>What is to be sent to the Motion Server next, and over which connection.</summary>
internal interface ILegDemand
{
    /// <summary>Whether there is something to ask for that no request is under way for.</summary>
    bool NeedsLeg { get; }

    /// <summary>Whether there is speech to send, or an end to tell.</summary>
    bool HasSomethingToSend { get; }

    /// <summary>The request that has something to send on a leg, made now where there is none.</summary>
    /// <param name="leg">The leg that new requests are made on.</param>
    /// <param name="mayAsk">Whether a turn that has none may have one made.</param>
    MotionRequest? NextToSend(MotionLeg leg, bool mayAsk = true);

    /// <summary>The sample up to which a request's speech may be sent now.</summary>
    long MaySendThrough(MotionRequest request);

    /// <summary>Whether a leg, on which nothing is under way, is not to be used any more.</summary>
    bool IsStale(MotionLeg leg);
}
