using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>A place outside the connection where the Motion Server publishes speech and motion itself.</summary>
public abstract class MotionEgress
{
    private protected MotionEgress()
    {
    }

    /// <summary>Its credentials, to be masked where the server repeats them.</summary>
    internal abstract IEnumerable<string> Secrets { get; }

    internal abstract void WriteTo(ClientConfigureSession configuration);
}
