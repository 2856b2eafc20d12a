using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>The apps of a host: what each has, and where its sessions have their connections from.</summary>
internal sealed class HostApps(ByteBudget whole, SessionMetrics metrics, SessionEvents events, TimeProvider timeProvider)
{
    // Guards all below.
    private readonly Lock _lock = new();

    // Of every app that there ever was: one that comes back still has the sessions that stayed.
    private readonly Dictionary<string, AppQuota> _quotas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SessionApp App, AppLegs Legs)> _apps = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _retiring = [];

    /// <summary>Of each app, whether its Motion Server cannot be reached.</summary>
    public IReadOnlyList<(string Name, bool IsOut)> Outages
    {
        get
        {
            lock (_lock)
            {
                return [.. _apps.Select(app => (app.Key, app.Value.Legs.Outage.IsOut))];
            }
        }
    }

    /// <summary>Whether the Motion Server of one cannot be reached.</summary>
    public bool AnyIsOut => Outages.Any(app => app.IsOut);

    /// <summary>Replaces the apps. Sessions that are open keep the connections that they have, also where their app is no more.</summary>
    public void Apply(SessionHostOptions options)
    {
        lock (_lock)
        {
            var next = options.Apps.ToDictionary(app => app.Name, StringComparer.Ordinal);
            foreach (string name in _apps.Keys.Where(name => next.GetValueOrDefault(name)?.Connector != _apps[name].App.Connector).ToList())
            {
                RetireLocked(_apps[name].Legs);
                _apps.Remove(name);
            }

            foreach (var app in next.Values)
            {
                QuotaOfLocked(app.Name).Apply(app.Limits);
                _apps[app.Name] = (app, _apps.TryGetValue(app.Name, out var known) ? known.Legs : CreateLegs(app, options));
            }
        }
    }

    /// <summary>Gives a session that is opened a place in its app.</summary>
    /// <exception cref="Feeds.GatewayException">There is no such app, it has as much as it may have, or its Motion Server cannot be reached.</exception>
    public AppPlace Enter(string name)
    {
        lock (_lock)
        {
            if (!_apps.TryGetValue(name, out var known))
            {
                throw SessionApp.NotFound();
            }

            var quota = QuotaOfLocked(name);
            quota.OpenSession();
            if (known.Legs.Outage.Refuse() is { } refusal)
            {
                quota.CloseSession();
                throw refusal;
            }

            known.Legs.Hold();
            return new AppPlace(known.App, quota, known.Legs);
        }
    }

    /// <summary>Lets go of all. Sessions have gone by now.</summary>
    public async Task CloseAsync()
    {
        Task[] retiring;
        lock (_lock)
        {
            foreach (var (_, legs) in _apps.Values)
            {
                RetireLocked(legs);
            }

            _apps.Clear();
            retiring = [.. _retiring];
        }

        await Task.WhenAll(retiring);
    }

    private AppQuota QuotaOfLocked(string name)
    {
        if (!_quotas.TryGetValue(name, out var quota))
        {
            quota = new AppQuota(new ByteBudget(long.MaxValue, bytes => metrics.Held(bytes, name), whole), timeProvider);
            _quotas.Add(name, quota);
            metrics.AppKnown(name);
        }

        return quota;
    }

    private AppLegs CreateLegs(SessionApp app, SessionHostOptions options)
    {
        var outage = new MotionServerOutage(app.Name, app.Connector, options.Outage, events, timeProvider);
        var reconnector = new ReconnectingConnector(outage, options.Reconnect, timeProvider);
        return new AppLegs(app, new LegSources(outage, reconnector, options.ConnectionLifetime, metrics.Legs, timeProvider), outage);
    }

    private void RetireLocked(AppLegs legs)
    {
        var retiring = RetireAsync(legs);
        if (!retiring.IsCompleted)
        {
            _retiring.Add(retiring);
            retiring.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Forget(Task retired)
    {
        lock (_lock)
        {
            _retiring.Remove(retired);
        }
    }

    private async Task RetireAsync(AppLegs legs)
    {
        // Nobody waits for it: what goes wrong is told, and the rest goes on.
        try
        {
            await legs.ReleaseAsync();
        }
        catch (Exception defect)
        {
            events.AppNotClosed(defect);
        }
    }
}
