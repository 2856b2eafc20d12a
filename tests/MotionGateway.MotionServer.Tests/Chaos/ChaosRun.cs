using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.MotionServer.Tests.Conformance;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>One client with a life of its own, decided by its seed: which fault it meets, how it cuts its speech, when it changes its mind.</summary>
internal sealed class ChaosRun(FaultyServer server, CountingPool pool, LiveObjects objects, int seed) : IDisposable
{
    private readonly Random _random = new(seed);
    private readonly CancellationTokenSource _changeOfMind = new();
    private Task _reading = Task.CompletedTask;
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

        MotionServerClient client = server.Client(apiKey, options =>
        {
            options.Buffers = pool;
            options.Auth = _random.Next(2) == 0 ? AuthPlacement.Headers : AuthPlacement.Query;
        });
        objects.Add(client);
        try
        {
            await TolerateAsync(async () => await UseAsync(await client.ConnectAsync(avatarId, FaultyServer.Format, _changeOfMind.Token).DefaultTimeout()));
        }
        finally
        {
            await client.DisposeAsync().AsTask().DefaultTimeout();
            await (_leftOpen?.DisposeAsync().AsTask() ?? Task.CompletedTask).DefaultTimeout();
            await _reading.DefaultTimeout();
        }
    }

    public void Dispose() => _changeOfMind.Dispose();

    // Half of the faults are asked for by name, half are armed for an avatar with a harmless one.
    private (string ApiKey, string AvatarId) Ask(Fault? fault)
    {
        if (fault is null or { Stage: FaultStage.Token } || _random.Next(2) == 0)
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
        if (_random.Next(4) != 0)
        {
            _reading = ReadAsync(connection);
        }

        int turns = _random.Next(4);
        for (int turn = 0; turn < turns; turn++)
        {
            await TolerateAsync(() => SayAsync(connection, $"turn-{turn}"));
        }

        await LeaveAsync(connection);
    }

    private async Task SayAsync(IMotionConnection connection, string requestId)
    {
        ReadOnlyMemory<byte> left = FaultyServer.Speech[..(2 * _random.Next(1, FaultyServer.Speech.Length / 2))];
        while (!left.IsEmpty)
        {
            ReadOnlyMemory<byte> chunk = left[..Math.Min(left.Length, 2 * _random.Next(1, 3000))];
            left = left[chunk.Length..];
            await connection.SendAudioAsync(requestId, chunk, left.IsEmpty && _random.Next(8) != 0, _changeOfMind.Token).AsTask().DefaultTimeout();
            if (_random.Next(10) == 0)
            {
                await connection.InterruptAsync(requestId, _changeOfMind.Token).AsTask().DefaultTimeout();
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

    private async Task ReadAsync(IMotionConnection connection)
    {
        bool again = true;
        while (again)
        {
            again = false;
            try
            {
                await foreach (MotionMessage message in connection.ReadMotionAsync(_changeOfMind.Token))
                {
                    using (message)
                    {
                        Assert.False(message.Envelope.IsEmpty);
                    }
                }
            }
            catch (MotionServerException)
            {
                again = true;
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
