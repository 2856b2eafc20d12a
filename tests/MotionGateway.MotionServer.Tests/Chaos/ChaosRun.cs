using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.MotionServer.Tests.Conformance;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>One client with a life of its own, decided by its seed: which fault it meets, how it cuts its speech, when it changes its mind.</summary>
internal sealed class ChaosRun(FaultyServer server, CountingPool pool, CountingTimers timers, LiveObjects objects, int seed) : IDisposable
{
    private readonly Random _random = new(seed);
    private readonly CancellationTokenSource _changeOfMind = new();
    private readonly List<Task> _readings = [];
    private bool _reads;
    private IMotionConnection? _leftOpen;

    /// <summary>Lives it. Throws what no client may throw, and when it hangs.</summary>
    public async Task LiveAsync()
    {
        Fault? fault = _random.Next(5) == 0 ? null : FaultCatalog.All[_random.Next(FaultCatalog.All.Count)];
        (string apiKey, string avatarId) = Ask(fault);
        if (_random.Next(4) == 0)
        {
            _changeOfMind.CancelAfter(_random.Next(1, 120));
        }

        MotionServerClient client = server.Client(
            apiKey,
            options =>
            {
                options.Buffers = pool;
                options.Auth = _random.Next(2) == 0 ? AuthPlacement.Headers : AuthPlacement.Query;
            },
            timers);
        objects.Add(client);
        try
        {
            await TolerateAsync(async () => await UseAsync(await client.ConnectAsync(avatarId, FaultyServer.Format, _changeOfMind.Token).DefaultTimeout()));
        }
        finally
        {
            await client.DisposeAsync().AsTask().DefaultTimeout();
            await (_leftOpen?.DisposeAsync().AsTask() ?? Task.CompletedTask).DefaultTimeout();
            await Task.WhenAll(_readings).DefaultTimeout();
        }
    }

    public void Dispose() => _changeOfMind.Dispose();

    // Half of the faults are asked for by name, half are armed for an avatar with a harmless one.
    private (string ApiKey, string AvatarId) Ask(Fault? fault)
    {
        if (fault is null or { Point: FaultPoint.Token } || _random.Next(2) == 0)
        {
            return FaultyServer.Asking(fault);
        }

        string avatarId = $"avatar-{seed}";
        server.Server.Faults.Arm(fault.Name, avatarId, count: 1);
        return (LocalMotionServerOptions.DefaultApiKey, avatarId);
    }

    private async Task UseAsync(IMotionConnection connection)
    {
        objects.Add(connection);
        _reads = _random.Next(4) != 0;
        int turns = _random.Next(4);
        for (int turn = 0; turn < turns; turn++)
        {
            await TolerateAsync(() => SayAsync(connection, $"turn-{turn}"));
        }

        await LeaveAsync(connection);
    }

    private async Task SayAsync(IMotionConnection connection, string requestId)
    {
        IMotionRequest request = connection.StartRequest(_random.Next(2) == 0 ? requestId : null);
        objects.Add(request);
        if (_reads)
        {
            _readings.Add(ReadAsync(request));
        }

        ReadOnlyMemory<byte> left = FaultyServer.Speech[..(2 * _random.Next(1, FaultyServer.Speech.Length / 2))];
        while (!left.IsEmpty)
        {
            ReadOnlyMemory<byte> chunk = left[..Math.Min(left.Length, _random.Next(1, 6000))];
            left = left[chunk.Length..];
            await request.SendAsync(chunk, _changeOfMind.Token).AsTask().DefaultTimeout();
            if (left.IsEmpty && _random.Next(8) != 0)
            {
                await request.EndAsync(_changeOfMind.Token).AsTask().DefaultTimeout();
            }

            if (_random.Next(10) == 0)
            {
                await (_random.Next(2) == 0 ? request.InterruptAsync(_changeOfMind.Token).AsTask() : request.DisposeAsync().AsTask()).DefaultTimeout();
                return;
            }

            if (_random.Next(10) == 0)
            {
                await Task.Yield();
            }
        }
    }

    private async Task LeaveAsync(IMotionConnection connection)
    {
        switch (_random.Next(6))
        {
            case 0:
                // The client's end is its end.
                _leftOpen = connection;
                return;
            case 1:
                await Task.WhenAll(connection.CloseAsync(), connection.CloseAsync(), connection.DisposeAsync().AsTask()).DefaultTimeout();
                break;
            case 2:
                await connection.CloseAsync(new CancellationToken(canceled: true)).DefaultTimeout();
                break;
            case 3:
                // Time for an answer to come, or for the fault to strike.
                await Task.WhenAny(connection.Completion, Task.Delay(_random.Next(1, 60)));
                break;
        }

        await connection.DisposeAsync().AsTask().DefaultTimeout();
    }

    private async Task ReadAsync(IMotionRequest request)
    {
        MotionServerException? last = null;
        while (true)
        {
            try
            {
                await foreach (MotionMessage message in request.ReadMotionAsync(_changeOfMind.Token))
                {
                    using (message)
                    {
                        Assert.False(message.Envelope.IsEmpty);
                    }
                }

                return;
            }
            catch (MotionServerException failure) when (!ReferenceEquals(failure, last))
            {
                last = failure;
            }
            catch (MotionServerException)
            {
                // The reason of the end is thrown to whoever asks.
                return;
            }
            catch (OperationCanceledException) when (_changeOfMind.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // What a client may be told; anything else is a defect.
    private async Task TolerateAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (MotionServerException failure)
        {
            Assert.NotEqual("", failure.Message);
        }
        catch (OperationCanceledException cancelled) when (_changeOfMind.IsCancellationRequested)
        {
            Assert.IsNotType<TimeoutException>(cancelled.InnerException);
        }
    }
}
