namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// Keeps the media of one server's requests with egress within two limits. Beyond a request's own, the rest of it is left out; beyond
/// the server's, the request that has been kept for longest goes whole. Counted is what is held in memory. Thread-safe.
/// </summary>
/// <param name="bytesPerRequest">Bytes of a request's audio, and as many of its motion with <see cref="KeptMedia.MotionMessageCost"/>; at most 1 GiB.</param>
/// <param name="bytesInAll">Bytes of all that is held.</param>
internal sealed class EgressMediaStore(int bytesPerRequest, long bytesInAll)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<KeptMedia> _kept = new();
    private long _bytes;

    /// <summary>Bytes that are held now.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Begins to keep a request.</summary>
    public KeptMedia Open()
    {
        var media = new KeptMedia();
        lock (_gate)
        {
            _kept.AddLast(media);
        }

        return media;
    }

    public void AddAudio(KeptMedia media, ReadOnlySpan<byte> audio)
    {
        lock (_gate)
        {
            int fitting = media.TakesAudio ? Math.Min(audio.Length, bytesPerRequest - media.AudioBytes) : 0;
            int block = BlockFor(media, fitting);
            if (TryMakeRoom(media, block))
            {
                media.AddAudio(audio[..fitting], block);
                _bytes += block;
            }
            else
            {
                fitting = 0;
            }

            media.LeaveOutAudio(audio.Length - fitting);
        }
    }

    /// <summary>Takes motion; the bytes are kept as they are, and must not change.</summary>
    public void AddMotion(KeptMedia media, ReadOnlyMemory<byte> envelope)
    {
        lock (_gate)
        {
            long cost = (long)envelope.Length + KeptMedia.MotionMessageCost;
            if (media.TakesMotion && cost <= bytesPerRequest - media.MotionBytes && TryMakeRoom(media, cost))
            {
                media.AddMotion(envelope);
                _bytes += cost;
            }
            else
            {
                media.LeaveOutMotion();
            }
        }
    }

    /// <summary>What is left out of a request by now: bytes of audio and messages of motion.</summary>
    public (long AudioBytes, int MotionMessages) LeftOut(KeptMedia media)
    {
        lock (_gate)
        {
            return (media.AudioBytesLeftOut, media.MotionMessagesLeftOut);
        }
    }

    /// <summary>A copy of what is kept.</summary>
    public EgressMedia Read(KeptMedia media, bool isOggOpus, int sampleRate)
    {
        lock (_gate)
        {
            return new EgressMedia(isOggOpus, sampleRate, media.ReadAudio(), media.AudioBytesLeftOut, [.. media.Motion], media.MotionMessagesLeftOut);
        }
    }

    /// <summary>Keeps a request no longer.</summary>
    public void Drop(KeptMedia media)
    {
        lock (_gate)
        {
            DropLocked(media);
        }
    }

    // Room for more audio than there is now, but not beyond the limits; 0 when there is room enough.
    private int BlockFor(KeptMedia media, int bytes)
    {
        int missing = bytes - media.FreeAudioBytes;
        long most = Math.Min(bytesPerRequest - media.AudioCapacity, bytesInAll - media.Bytes);
        return missing <= 0 ? 0 : (int)Math.Max(missing, Math.Min(media.NextBlock, most));
    }

    private bool TryMakeRoom(KeptMedia media, long bytes)
    {
        if (media.Bytes + bytes > bytesInAll)
        {
            return false;
        }

        LinkedListNode<KeptMedia>? node = _kept.First;
        while (_bytes + bytes > bytesInAll && node is not null)
        {
            LinkedListNode<KeptMedia>? next = node.Next;
            if (node.Value != media && node.Value.Bytes > 0)
            {
                DropLocked(node.Value);
            }

            node = next;
        }

        return true;
    }

    private void DropLocked(KeptMedia media)
    {
        _bytes -= media.Bytes;
        media.Drop();
        _kept.Remove(media);
    }
}
