using System.Diagnostics;
using System.IO.Hashing;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.Chaos.Tests.Oracle;

/// <summary>All motion that the Motion Server made for one avatar, which is one session's.</summary>
internal sealed class MadeMotion
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Connection, string Request), MadeRequest> _requests = [];
    private readonly Dictionary<ulong, List<(MadeRequest Request, int Keyframe)>> _byFingerprint = [];

    /// <summary>When each keyframe was first made.</summary>
    private readonly Dictionary<ulong, long> _madeAt = [];

    public int RequestCount
    {
        get
        {
            lock (_lock)
            {
                return _requests.Count;
            }
        }
    }

    /// <summary>The fingerprint of a keyframe.</summary>
    public static ulong Fingerprint(Flame keyframe) => XxHash3.HashToUInt64(keyframe.ToByteArray());

    public void Take(string connectionId, string requestId, ReadOnlySpan<byte> pcm)
    {
        lock (_lock)
        {
            Find(connectionId, requestId).Take(pcm);
        }
    }

    public void Make(string connectionId, string requestId, FlameAnimation animation)
    {
        lock (_lock)
        {
            var request = Find(connectionId, requestId);
            foreach (var keyframe in animation.Keyframes)
            {
                ulong fingerprint = Fingerprint(keyframe);
                if (!_byFingerprint.TryGetValue(fingerprint, out var made))
                {
                    _byFingerprint.Add(fingerprint, made = []);
                }

                _madeAt.TryAdd(fingerprint, Stopwatch.GetTimestamp());
                made.Add((request, request.Keyframes.Count));
                request.Keyframes.Add(fingerprint);
            }
        }
    }

    /// <summary>Whether a keyframe was made at all, and whether for the speech at a turn's place.</summary>
    public (bool IsMade, bool IsAtItsPlace) Look(ulong fingerprint, byte[] speech, long place, int bytesPerKeyframe)
    {
        lock (_lock)
        {
            return _byFingerprint.TryGetValue(fingerprint, out var made)
                ? (true, made.Exists(candidate => candidate.Request.IsMadeFor(candidate.Keyframe, speech, place, bytesPerKeyframe)))
                : (false, false);
        }
    }

    /// <summary>When a keyframe was made; null when it was not.</summary>
    public long? MadeAt(ulong fingerprint)
    {
        lock (_lock)
        {
            return _madeAt.TryGetValue(fingerprint, out long at) ? at : null;
        }
    }

    private MadeRequest Find(string connectionId, string requestId)
    {
        if (!_requests.TryGetValue((connectionId, requestId), out var request))
        {
            _requests.Add((connectionId, requestId), request = new MadeRequest(connectionId, requestId));
        }

        return request;
    }
}
