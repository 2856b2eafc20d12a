using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

// What comes back over a connection with egress.
internal sealed partial class MotionSupply
{
    private async Task ReadPlaybackAsync(MotionLeg leg)
    {
        await Task.Yield();
        while (!leg.Connection.Completion.IsCompleted)
        {
            try
            {
                await foreach (var update in leg.Connection.ReadPlaybackAsync(_stopping.Token))
                {
                    _owner.OnPlayback(leg, update);
                }

                // The watcher tells how it ended.
                return;
            }
            catch (MotionServerException) when (leg.Connection.Completion.IsCompleted)
            {
                return;
            }
            catch (MotionServerException failure)
            {
                _owner.OnPublishingFailed(leg, failure);
            }
            catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception defect)
            {
                _owner.OnDefect(defect);
                return;
            }
        }
    }
}
