using System.Net;
using Microsoft.Extensions.Options;

namespace MotionGateway.Gateway;

/// <summary>Finds everything that is wrong with a gateway's settings.</summary>
public sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var errors = new List<string>();
        foreach (string url in options.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ValidateUrl(url, options.AllowUnauthenticatedCallersBeyondLoopback, errors);
        }

        Require(options.Urls.Length > 0, "Urls is empty: name an address such as http://127.0.0.1:50051.", errors);
        Require(
            options.MotionServer.AppId.Length > 0,
            "MotionServer:AppId is empty: set it to the app's id at the Motion Server.", errors);
        Require(
            options.MotionServer.ApiKey.Length > 0,
            "MotionServer:ApiKey is empty: set it, best by the environment, to the app's key at the Motion Server.", errors);
        errors.AddRange(options.MotionServerPool.Validate().Select(problem => $"{nameof(options.MotionServerPool)}:{problem}"));
        errors.AddRange(options.MotionServerReconnect.Validate().Select(problem => $"{nameof(options.MotionServerReconnect)}:{problem}"));
        RequirePositive(options.ViewerTokenLifetime, nameof(options.ViewerTokenLifetime), errors);
        RequirePositive(options.OpenTimeout, nameof(options.OpenTimeout), errors);
        RequirePositive(options.HeartbeatInterval, nameof(options.HeartbeatInterval), errors);
        RequirePositive(options.WriteTimeout, nameof(options.WriteTimeout), errors);
        Require(
            options.HeartbeatTimeout > options.HeartbeatInterval,
            "HeartbeatTimeout must be longer than HeartbeatInterval.", errors);
        Require(options.ShutdownGrace >= TimeSpan.Zero, "ShutdownGrace must not be negative.", errors);
        Require(options.MaxSessions > 0, "MaxSessions must be at least 1.", errors);
        ValidateLimits(options, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void ValidateUrl(string url, bool isAllowedBeyondLoopback, List<string> errors)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            errors.Add($"Urls: '{url}' is no http or https address.");
            return;
        }

        bool isLoopback = uri.IsLoopback || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address));
        Require(
            isLoopback || isAllowedBeyondLoopback,
            $"Urls: '{url}' is reachable from other machines, and callers are not authenticated. Bind 127.0.0.1, or set "
            + "AllowUnauthenticatedCallersBeyondLoopback where the network itself keeps others out.",
            errors);
    }

    private static void ValidateLimits(GatewayOptions options, List<string> errors)
    {
        var limits = options.Limits;
        Require(limits.MaxChunkBytes > 0, "Limits:MaxChunkBytes must be at least 1.", errors);
        Require(
            limits.AudioCreditBytes is null || limits.AudioCreditBytes >= limits.MaxChunkBytes,
            "Limits:AudioCreditBytes must be at least Limits:MaxChunkBytes.", errors);
        Require(limits.MaxWaitingTurns > 0, "Limits:MaxWaitingTurns must be at least 1.", errors);
        Require(limits.ReaderWindowBytes > 0, "Limits:ReaderWindowBytes must be at least 1.", errors);
        Require(limits.Log.MaxBytes >= 1024 * 1024, "Limits:Log:MaxBytes must be at least 1048576.", errors);
        Require(limits.Log.MaxReaders > 0, "Limits:Log:MaxReaders must be at least 1.", errors);
        RequirePositive(limits.MaxTurn, "Limits:MaxTurn", errors);
        RequirePositive(limits.MotionTimeout, "Limits:MotionTimeout", errors);
        RequirePositive(limits.PauseLimit, "Limits:PauseLimit", errors);
        Require(limits.ResumeWindow >= TimeSpan.Zero, "Limits:ResumeWindow must not be negative.", errors);
        Require(limits.IdleTimeout >= TimeSpan.Zero, "Limits:IdleTimeout must not be negative.", errors);
    }

    private static void RequirePositive(TimeSpan value, string setting, List<string> errors) =>
        Require(value > TimeSpan.Zero, $"{setting} must be longer than zero.", errors);

    private static void Require(bool isMet, string error, List<string> errors)
    {
        if (!isMet)
        {
            errors.Add(error);
        }
    }
}
