namespace Grpc.Core;

/// <summary>Options of one client call.</summary>
public struct CallOptions
{
    /// <summary>Creates options.</summary>
    /// <param name="headers">What is sent ahead of the messages.</param>
    /// <param name="deadline">When the call ends at the latest, UTC; null for never.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="writeOptions">Options of the call's writes.</param>
    public CallOptions(Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default, WriteOptions? writeOptions = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
    }

    /// <summary>What is sent ahead of the messages.</summary>
    public Metadata? Headers { get; private set; }

    /// <summary>When the call ends at the latest, UTC; null for never.</summary>
    public DateTime? Deadline { get; private set; }

    /// <summary>Cancels the call.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>Options of the call's writes.</summary>
    public WriteOptions? WriteOptions { get; private set; }

    /// <summary>The same options with other headers.</summary>
    /// <param name="headers">What is sent ahead of the messages.</param>
    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>The same options with another deadline.</summary>
    /// <param name="deadline">When the call ends at the latest, UTC.</param>
    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>The same options with another token.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    /// <summary>The same options with other write options.</summary>
    /// <param name="writeOptions">Options of the call's writes.</param>
    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };
}
