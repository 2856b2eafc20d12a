using System.Runtime.InteropServices;

namespace MotionGateway.Cli;

/// <summary>Turns the first SIGINT or SIGTERM into a cancellation; a second one ends the process as usual.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private PosixSignal? _received;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The signal that came first; null when none has.</summary>
    public PosixSignal? Received => _received;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_received is null)
        {
            _received = context.Signal;
            context.Cancel = true;
            _source.Cancel();
        }
    }
}
