using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// One of the feeds that published AvatarKit clients speak: how its messages are written and read. It keeps no state; what is sent
/// when is <see cref="PublishedTurns"/>. Audio is mono signed 16-bit little-endian PCM at <see cref="SampleRate"/>, motion the Motion
/// Server's envelopes.
/// </summary>
internal interface IPublishedKind
{
    /// <summary>Hertz of what published clients play and record: their code knows no other.</summary>
    const int SampleRate = 16000;

    /// <summary>Where a viewer begins.</summary>
    FeedStart Start { get; }

    /// <summary>Whether the client says when it wants to begin.</summary>
    bool AwaitsStart { get; }

    /// <summary>Whether the feed is over when one turn has been sent.</summary>
    bool IsOneTurn { get; }

    /// <summary>How the end of a turn's audio is marked.</summary>
    AudioEndMark AudioEnd { get; }

    /// <summary>The first message; null where there is none.</summary>
    byte[]? Ready(PublishedSession session);

    /// <summary>Audio of a turn.</summary>
    byte[] Audio(string turnId, ReadOnlySpan<byte> pcm, bool isLast);

    /// <summary>Motion of a turn.</summary>
    byte[] Motion(string turnId, ReadOnlySpan<byte> envelope, bool isLast);

    /// <summary>The end of a turn's motion, where its last envelope did not say it; null where nothing says it.</summary>
    byte[]? MotionEnd(string turnId);

    /// <summary>Stops what plays; null where the client cannot be told.</summary>
    byte[]? Interrupt(string reason);

    /// <summary>What was said, by the avatar or by its user; null where the client does not show it.</summary>
    byte[]? Transcript(bool isUser, string text);

    /// <summary>Tells something that is no failure; null where the client does not show it.</summary>
    byte[]? Status(string message);

    /// <summary>Tells a failure; null where the client cannot be told.</summary>
    byte[]? Error(string message);

    /// <summary>Whether a message goes as text, in UTF-8.</summary>
    bool IsText(ReadOnlySpan<byte> message);

    /// <summary>Reads what a client sends. What the feed does not know, and what cannot be read, is nothing.</summary>
    PublishedRequest Read(ReadOnlyMemory<byte> message);
}
