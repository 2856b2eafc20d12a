namespace MotionGateway.Benchmarks;

/// <summary>Something to measure, and the peer that it is held against.</summary>
internal interface IComparison
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>What is compared, for people.</summary>
    string Description { get; }

    /// <summary>Operations in one round of either.</summary>
    int Operations { get; }

    /// <summary>What comes before a round of either and is not measured.</summary>
    void Prepare()
    {
    }

    /// <summary>One round of the project's way.</summary>
    void RunSubject();

    /// <summary>One round of the peer's way.</summary>
    void RunPeer();
}
