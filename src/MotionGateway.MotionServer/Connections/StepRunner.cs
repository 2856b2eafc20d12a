using System.Diagnostics;
using System.Net.WebSockets;

namespace MotionGateway.MotionServer;

/// <summary>One step of opening a connection: its name in spans and metrics, and in errors; where it goes; and what is on its way that no text may show.</summary>
internal readonly record struct Step(string Name, MotionServerPhase Phase, Uri Server, Secrets Secrets);

/// <summary>Runs the steps of opening a connection: each has a time limit, a span, a duration, and fails with a typed error only.</summary>
internal sealed class StepRunner(TimeProvider time, TimeSpan limit, string? region = null)
{
    /// <summary>Whether a WebSocket failed because of what the peer sent, not because it is gone.</summary>
    public static bool IsBreach(WebSocketException failure) =>
        failure.WebSocketErrorCode is not (WebSocketError.ConnectionClosedPrematurely or WebSocketError.InvalidState);

    /// <summary>Runs one step.</summary>
    /// <exception cref="MotionServerException">The step failed or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async Task<T> RunAsync<T>(Step step, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using Activity? activity = MotionServerTelemetry.Source.StartActivity($"motion_server {step.Name}", ActivityKind.Client);
        Peer peer = new(region, step.Server);
        peer.Describe(activity);
        using CancellationTokenSource timeout = new(limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        long started = time.GetTimestamp();
        string? errorType = null;
        try
        {
            return await run(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Which exception a cancelled socket throws depends on where it was; the tokens tell what happened.
            cancellationToken.ThrowIfCancellationRequested();
            MotionServerException? failure = exception switch
            {
                MotionServerException known => known,
                _ when timeout.IsCancellationRequested || exception is OperationCanceledException => Failures.TimedOut(step.Phase, limit),
                ObjectDisposedException => null,
                WebSocketException broken when IsBreach(broken) => Failures.Protocol(step.Phase, "The Motion Server broke the WebSocket protocol.", step.Secrets.Mask(broken)),
                // A handler that is the caller's may throw anything.
                _ => Failures.NoConnection(step.Phase, exception, step.Secrets),
            };
            failure?.Region ??= region;
            errorType = failure?.Code.ToStableName() ?? exception.GetType().FullName;
            activity?.SetTag(MotionServerTelemetry.ErrorType, errorType);
            activity?.SetStatus(ActivityStatusCode.Error, failure?.Message);
            if (failure is null || ReferenceEquals(failure, exception))
            {
                throw;
            }

            throw failure;
        }
        finally
        {
            MotionServerTelemetry.RecordStep(step.Name, time.GetElapsedTime(started), errorType, peer);
        }
    }
}
