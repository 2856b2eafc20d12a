using System.Collections.Concurrent;
using MotionGateway.LocalMotion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.Chaos.Tests.Oracle;

/// <summary>What the Motion Server made, by avatar: each session has one of its own. Outlives the server's restarts.</summary>
internal sealed class MotionRecord : IMotionObserver
{
    private readonly ConcurrentDictionary<string, MadeMotion> _avatars = new();

    /// <summary>What was made for an avatar.</summary>
    public MadeMotion Of(string avatarId) => _avatars.GetOrAdd(avatarId, _ => new MadeMotion());

    /// <summary>Nobody asks for an avatar's motion any more.</summary>
    public void Forget(string avatarId) => _avatars.TryRemove(avatarId, out _);

    public void SpeechTaken(string connectionId, string avatarId, string requestId, ReadOnlyMemory<byte> pcm) =>
        Of(avatarId).Take(connectionId, requestId, pcm.Span);

    public void MotionMade(string connectionId, string avatarId, string requestId, long firstKeyframe, FlameAnimation animation) =>
        Of(avatarId).Make(connectionId, requestId, animation);
}
