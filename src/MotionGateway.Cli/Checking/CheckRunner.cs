using Grpc.Core;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Checking;

/// <summary>Runs checks one after the other, leaves out those that build on what has failed, and turns what goes wrong into results.</summary>
/// <param name="time">The clock.</param>
/// <param name="onResult">Is told of each result as it comes.</param>
internal sealed class CheckRunner(TimeProvider time, Action<CheckResult> onResult)
{
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    /// <summary>Runs them.</summary>
    /// <param name="checks">The checks, in an order in which none comes before what it builds on.</param>
    /// <param name="limit">How long all of them may take together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(IEnumerable<ICheck> checks, TimeSpan limit, CancellationToken cancellationToken)
    {
        var results = new List<CheckResult>();
        long start = time.GetTimestamp();
        foreach (var check in checks)
        {
            var left = limit - time.GetElapsedTime(start);
            var result = check.Needs.FirstOrDefault(_missing.Contains) is { } need
                ? Skip(check, $"needs: {need}")
                : left <= TimeSpan.Zero ? Skip(check, $"the {limit.TotalSeconds:0.#} s of --timeout are used up")
                : await RunAsync(check, left < check.Limit ? left : check.Limit, cancellationToken);
            if (result.Outcome == CheckOutcome.Failed)
            {
                _missing.Add(check.Name);
            }

            results.Add(result);
            onResult(result);
        }

        return results;
    }

    private CheckResult Skip(ICheck check, string why)
    {
        _missing.Add(check.Name);
        return new CheckResult(check.Name, CheckOutcome.Skipped, TimeSpan.Zero, why);
    }

    private async Task<CheckResult> RunAsync(ICheck check, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            var finding = await check.RunAsync(limited.Token);
            return new CheckResult(check.Name, finding.Outcome, time.GetElapsedTime(start), finding.Detail, finding.Remedy);
        }
        catch (Exception) when (limited.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failed($"There was no answer within {limit.TotalSeconds:0.#} s.", check.WhenSilent);
        }
        catch (CheckFailedException failure)
        {
            return Failed(failure.Message, failure.Remedy);
        }
        catch (CommandException failure)
        {
            return Failed(failure.Message, Remedies.Of(failure.Reason));
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            var told = Failures.ToException(failure);
            return Failed(told.Message, Remedies.Of(told.Reason));
        }

        CheckResult Failed(string cause, string remedy) =>
            new(check.Name, CheckOutcome.Failed, time.GetElapsedTime(start), cause, remedy);
    }
}
