using System.Globalization;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// The faults that are armed on a server, beside those that an API key or avatar id asks for by name. One that has struck as often as
/// it may is gone. Thread-safe.
/// </summary>
public sealed class FaultBoard
{
    /// <summary>The avatar id that stands for all.</summary>
    public const string AnyAvatar = "*";

    /// <summary>Faults that can be armed at one time.</summary>
    public const int MaxArmed = 1000;

    // Of more keys and avatar ids than this the longest known is forgotten, and counted from the start if it comes again.
    private const int MaxCounted = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _namedUses = new(StringComparer.Ordinal);
    private readonly Queue<string> _named = new();
    private readonly List<ArmedFault> _armed = [];
    private long _lastId;

    /// <summary>Why nothing strikes on this server, and what to do; null when faults do strike.</summary>
    internal string? WhyOff { get; init; }

    /// <summary>What is armed now, in the order in which it strikes.</summary>
    public IReadOnlyList<ArmedFault> Armed
    {
        get
        {
            lock (_gate)
            {
                return [.. _armed];
            }
        }
    }

    /// <summary>Arms a fault. Of several that fit, the one that was armed first strikes; a connection has one fault.</summary>
    /// <param name="name">A name that <see cref="FaultCatalog.Find"/> knows.</param>
    /// <param name="avatarId">The avatar whose connections it strikes; <c>*</c> (default) for all. Token faults strike before an avatar is named: <c>*</c> only.</param>
    /// <param name="count">How often it strikes, from 1: token requests, upgrades or connections. Null (default): until it is disarmed.</param>
    /// <exception cref="ArgumentException">A value cannot be used; the text says which and what would do.</exception>
    /// <exception cref="InvalidOperationException">Too many are armed, or the server records or replays: then no fault strikes.</exception>
    public ArmedFault Arm(string name, string avatarId = AnyAvatar, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(avatarId);
        Fault fault = FaultCatalog.Find(name) ?? throw new ArgumentException(FaultCatalog.Explain(name), nameof(name));
        if (fault.Point == FaultPoint.Token && avatarId != AnyAvatar)
        {
            throw new ArgumentException("A token fault strikes before an avatar is named: use * here.", nameof(avatarId));
        }

        if (count <= 0)
        {
            throw new ArgumentException("It has to strike once at least; leave it out for always.", nameof(count));
        }

        if (WhyOff is not null)
        {
            throw new InvalidOperationException(WhyOff);
        }

        lock (_gate)
        {
            if (_armed.Count == MaxArmed)
            {
                throw new InvalidOperationException($"{MaxArmed} faults are armed; disarm some first.");
            }

            var armed = new ArmedFault((++_lastId).ToString(CultureInfo.InvariantCulture), fault, avatarId, count);
            _armed.Add(armed);
            return armed;
        }
    }

    /// <summary>Disarms one fault.</summary>
    /// <param name="id">What <see cref="ArmedFault.Id"/> says.</param>
    /// <returns>False when it is not armed, or not any more.</returns>
    public bool Disarm(string id)
    {
        lock (_gate)
        {
            return _armed.RemoveAll(armed => armed.Id == id) > 0;
        }
    }

    /// <summary>Disarms all faults, and counts the uses of those with <c>@count</c> in their name from the start.</summary>
    /// <returns>How many were armed.</returns>
    public int DisarmAll()
    {
        lock (_gate)
        {
            int count = _armed.Count;
            _armed.Clear();
            _namedUses.Clear();
            _named.Clear();
            return count;
        }
    }

    /// <summary>The fault that strikes a token request now, or null.</summary>
    internal Fault? ChooseForKey(string apiKey) =>
        WhyOff is not null ? null
        : FaultChoice.Read(apiKey) is { Fault.Point: FaultPoint.Token } named ? Use(apiKey, named) : UseArmed(armed => armed.Fault.Point == FaultPoint.Token);

    /// <summary>The fault that strikes an upgrade, and what follows it, now; or null.</summary>
    internal Fault? ChooseForAvatar(string avatarId) =>
        WhyOff is not null ? null
        : FaultChoice.Read(avatarId) is { Fault.Point: not FaultPoint.Token } named
        ? Use(avatarId, named)
        : UseArmed(armed => armed.Fault.Point != FaultPoint.Token && (armed.AvatarId == AnyAvatar || armed.AvatarId == avatarId));

    private Fault? Use(string id, FaultChoice named)
    {
        if (named.Limit is null)
        {
            return named.Fault;
        }

        lock (_gate)
        {
            int uses = _namedUses.GetValueOrDefault(id) + 1;
            if (uses == 1)
            {
                if (_named.Count == MaxCounted)
                {
                    _namedUses.Remove(_named.Dequeue());
                }

                _named.Enqueue(id);
            }

            _namedUses[id] = uses;
            return uses <= named.Limit ? named.Fault : null;
        }
    }

    private Fault? UseArmed(Predicate<ArmedFault> fits)
    {
        lock (_gate)
        {
            int index = _armed.FindIndex(fits);
            if (index < 0)
            {
                return null;
            }

            ArmedFault armed = _armed[index];
            if (armed.Remaining == 1)
            {
                _armed.RemoveAt(index);
            }
            else
            {
                _armed[index] = armed with { Remaining = armed.Remaining - 1 };
            }

            return armed.Fault;
        }
    }
}
