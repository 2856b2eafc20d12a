using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;

namespace MotionGateway.Gateway;

/// <summary>
/// The keys of viewer tokens that are in force: read again when their files change, and others when the settings name others.
/// Without files, a key of this process.
/// </summary>
internal sealed class ViewerTokenKeys : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ViewerTokenKeys> _logger;
    private readonly IDisposable? _watching;

    // Guards what follows, but for reading the current keys.
    private readonly Lock _lock = new();
    private IReadOnlyList<string> _files = [];
    private Reloaded<KeySet>? _read;
    private volatile KeySet _current;

    /// <summary>Reads the keys; makes the first file where there is none.</summary>
    /// <exception cref="IOException">A file cannot be read, or the first not be made.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    /// <exception cref="InvalidDataException">A file holds no such key.</exception>
    public ViewerTokenKeys(IOptionsMonitor<GatewayOptions> options, TimeProvider timeProvider, ILogger<ViewerTokenKeys> logger)
    {
        _timeProvider = timeProvider;
        _logger = logger;
        _current = new KeySet(ViewerTokenSigner.CreateInMemory(timeProvider), timeProvider);
        Use(options.CurrentValue);
        _watching = options.OnChange(UseOrTell);
    }

    /// <summary>Makes tokens.</summary>
    public ViewerTokenSigner Signer => _current.Signer;

    /// <summary>Verifies those of all keys.</summary>
    public ViewerTokenVerifier Verifier => _current.Verifier;

    public void Dispose()
    {
        _watching?.Dispose();
        lock (_lock)
        {
            _read?.Dispose();
        }
    }

    private void UseOrTell(GatewayOptions options, string? name)
    {
        try
        {
            Use(options);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            ViewerTokenKeysLog.Unusable(_logger, failure.Message);
        }
    }

    private void Use(GatewayOptions options)
    {
        var files = options.AllViewerTokenKeyFiles;
        lock (_lock)
        {
            if (files.SequenceEqual(_files))
            {
                return;
            }

            var read = files.Count == 0 ? null : Read(files);
            _read?.Dispose();
            (_read, _files) = (read, files);
            _current = read?.Current ?? new KeySet(ViewerTokenSigner.CreateInMemory(_timeProvider), _timeProvider);
            if (read is not null)
            {
                read.Changed += keys => _current = keys;
            }
        }
    }

    // A file that goes away later is not made again: every viewer's token would be worth nothing.
    private Reloaded<KeySet> Read(IReadOnlyList<string> files)
    {
        ViewerTokenSigner.CreateKeyFile(files[0]);
        return new Reloaded<KeySet>(
            nameof(GatewayOptions.ViewerTokenKeyFiles), files, () => new KeySet(ViewerTokenSigner.Load(files, _timeProvider), _timeProvider),
            _timeProvider, _logger);
    }

    // Not disposed of: a call may be signing with it still, and its finalizer does the rest.
    private sealed class KeySet(ViewerTokenSigner signer, TimeProvider timeProvider)
    {
        public ViewerTokenSigner Signer => signer;

        public ViewerTokenVerifier Verifier { get; } = new(signer.GetJwks(), timeProvider);
    }
}
