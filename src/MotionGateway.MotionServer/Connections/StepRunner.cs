using System.Diagnostics;

namespace MotionGateway.MotionServer;

/// <summary>Runs the steps of opening a connection: each has a time limit, a span, a duration, and fails with a typed error only.</summary>
internal sealed class StepRunner(TimeProvider time, TimeSpan limit, string? region = null)
{
    /// <summary>Runs one step.</summary>
    /// <param name="step">Which.</param>
    /// <param name="run">The step; passes its token on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MotionServerException">The step failed or took too long.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
                _ when timeout.IsCancellationRequested => Failures.TimedOut(step.Phase, limit),
                OperationCanceledException => Failures.TimedOut(step.Phase, limit),
                ObjectDisposedException => null,
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
