using Microsoft.Extensions.Options;
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
        errors.AddRange(ListenAddress.FindProblems(options.Urls, options.AllowUnauthenticatedCallersBeyondLoopback));
        Require(
            options.MotionServer.AppId.Length > 0,
            "MotionServer:AppId is empty: set it to the app's id at the Motion Server.", errors);
        Require(
            options.MotionServer.ApiKey.Length > 0,
            "MotionServer:ApiKey is empty: set it, best by the environment, to the app's key at the Motion Server.", errors);
        errors.AddRange(options.MotionServerPool.Validate().Select(problem => $"{nameof(options.MotionServerPool)}:{problem}"));
        errors.AddRange(options.MotionServerReconnect.Validate().Select(problem => $"{nameof(options.MotionServerReconnect)}:{problem}"));
        errors.AddRange(options.MotionServerOutage.Validate().Select(problem => $"{nameof(options.MotionServerOutage)}:{problem}"));
        errors.AddRange(options.Logging.Validate().Select(problem => $"{nameof(options.Logging)}:{problem}"));
        errors.AddRange(options.Opus.Validate().Select(problem => $"{nameof(options.Opus)}:{problem}"));
        Require(
            options.MotionServerAudioEncoding is AudioEncoding.PcmS16Le or AudioEncoding.OggOpus,
            "MotionServerAudioEncoding must be PcmS16Le or OggOpus.", errors);
        ValidateKeyFile(options.ViewerTokenKeyFile, errors);
        RequirePositive(options.ViewerTokenLifetime, nameof(options.ViewerTokenLifetime), errors);
        errors.AddRange(RtcOptionsRules.FindProblems(options));
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

    /// <summary>Says why a file cannot be the key that signs viewer tokens.</summary>
    internal static string KeyFileProblem(string path, Exception failure) =>
        $"ViewerTokenKeyFile: {failure.Message.TrimEnd('.')}. Name a file that holds an EC P-256 private key in PEM form and that the gateway "
        + $"may read, or one that is not there yet, which is then made{(Directory.Exists(path) ? "; this is a directory" : "")}.";

    // A file that is not there yet is made at the start, and not before.
    private static void ValidateKeyFile(string? path, List<string> errors)
    {
        if (path is null || !Path.Exists(path))
        {
            return;
        }

        try
        {
            ViewerTokenSigner.LoadOrCreate(path, TimeProvider.System).Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            errors.Add(KeyFileProblem(path, failure));
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
