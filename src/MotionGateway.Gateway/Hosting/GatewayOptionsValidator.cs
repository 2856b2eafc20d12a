using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Finds everything that is wrong with a gateway's settings.</summary>
public sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var errors = new List<string>();
        errors.AddRange(ListenAddress.FindProblems(
            options.Urls, options.Callers.IsConfigured || options.AllowUnauthenticatedCallersBeyondLoopback,
            options.Tls is { RequireClientCertificate: true }));
        errors.AddRange(TlsOptionsRules.FindProblems(options.Urls, options.Tls));
        errors.AddRange(CallersOptionsRules.FindProblems(options.Callers).Select(problem => $"{nameof(options.Callers)}:{problem}"));
        errors.AddRange(MetricsAddress.FindProblems(options.MetricsUrl));
        Require(
            !options.HasOwnApp || options.MotionServer.AppId.Length > 0,
            "MotionServer:AppId is empty: set it to the app's id at the Motion Server.", errors);
        Require(
            !options.HasOwnApp || options.MotionServer.ApiKey.Length > 0,
            "MotionServer:ApiKey is empty: set it, best by the environment, to the app's key at the Motion Server.", errors);
        errors.AddRange(AppOptionsRules.FindProblems(options));
        errors.AddRange(options.MotionServerPool.Validate().Select(problem => $"{nameof(options.MotionServerPool)}:{problem}"));
        errors.AddRange(options.MotionServerReconnect.Validate().Select(problem => $"{nameof(options.MotionServerReconnect)}:{problem}"));
        errors.AddRange(options.MotionServerOutage.Validate().Select(problem => $"{nameof(options.MotionServerOutage)}:{problem}"));
        errors.AddRange(options.Logging.Validate().Select(problem => $"{nameof(options.Logging)}:{problem}"));
        errors.AddRange(options.Opus.Validate().Select(problem => $"{nameof(options.Opus)}:{problem}"));
        Require(
            options.MotionServerAudioEncoding is AudioEncoding.PcmS16Le or AudioEncoding.OggOpus,
            "MotionServerAudioEncoding must be PcmS16Le or OggOpus.", errors);
        errors.AddRange(FindKeyFileProblems(options));
        RequirePositive(options.ViewerTokenLifetime, nameof(options.ViewerTokenLifetime), errors);
        errors.AddRange(RtcOptionsRules.FindProblems(options.LiveKit, options.Agora));
        errors.AddRange(RtcOptionsRules.FindProblemsOfTokens(options));
        RequirePositive(options.OpenTimeout, nameof(options.OpenTimeout), errors);
        RequirePositive(options.RequestTimeout, nameof(options.RequestTimeout), errors);
        RequirePositive(options.HeartbeatInterval, nameof(options.HeartbeatInterval), errors);
        RequirePositive(options.TurnHeartbeatInterval, nameof(options.TurnHeartbeatInterval), errors);
        RequirePositive(options.WriteTimeout, nameof(options.WriteTimeout), errors);
        RequirePositive(options.SlowReaderTimeout, nameof(options.SlowReaderTimeout), errors);
        Require(
            options.HeartbeatTimeout > options.HeartbeatInterval,
            "HeartbeatTimeout must be longer than HeartbeatInterval.", errors);
        Require(
            options.ShutdownGrace >= TimeSpan.Zero && options.ShutdownGrace <= Longest, "ShutdownGrace must be zero to 1 day.", errors);
        Require(options.MaxTotalBytes is null or >= 16 * 1024 * 1024, "MaxTotalBytes must be at least 16777216, or null.", errors);
        Require(
            options.MotionServerConnectionLifetime is null || options.MotionServerConnectionLifetime >= TimeSpan.FromSeconds(1),
            "MotionServerConnectionLifetime must be at least 1 second, or null.", errors);
        Require(options.MaxSessions > 0, "MaxSessions must be at least 1.", errors);
        Require(
            options.Limits.MaxChunkBytes <= GatewayTransport.MaxChunkBytes,
            $"Limits:MaxChunkBytes must be at most {GatewayTransport.MaxChunkBytes}: a chunk comes in one request.", errors);
        errors.AddRange(options.Limits.Validate().Select(problem => $"{nameof(options.Limits)}:{problem}"));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Says why a file cannot be a key of viewer tokens.</summary>
    internal static string KeyFileProblem(GatewayOptions options, string path, Exception failure)
    {
        string setting = path == options.ViewerTokenKeyFile ? nameof(options.ViewerTokenKeyFile) : nameof(options.ViewerTokenKeyFiles);
        return $"{setting}: {failure.Message.TrimEnd('.')}. Name a file that holds an EC P-256 private key in PEM form and that the gateway may read"
            + (path == options.AllViewerTokenKeyFiles[0] ? ", or one that is not there yet, which is then made" : "")
            + (Directory.Exists(path) ? "; this is a directory." : ".");
    }

    // The first file is made at the start where it is not there yet, and not before.
    private static IEnumerable<string> FindKeyFileProblems(GatewayOptions options)
    {
        var files = options.AllViewerTokenKeyFiles;
        foreach (string path in files.Where(path => path != files[0] || Path.Exists(path)))
        {
            if (FindKeyFileFailure(path) is { } failure)
            {
                yield return KeyFileProblem(options, path, failure);
            }
        }
    }

    private static Exception? FindKeyFileFailure(string path)
    {
        try
        {
            ViewerTokenSigner.Load([path], TimeProvider.System).Dispose();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return failure;
        }
    }

    private static void RequirePositive(TimeSpan value, string setting, List<string> errors) =>
        Require(value > TimeSpan.Zero && value <= Longest, $"{setting} must be longer than zero and at most 1 day.", errors);

    private static void Require(bool isMet, string error, List<string> errors)
    {
        if (!isMet)
        {
            errors.Add(error);
        }
    }
}
