namespace MotionGateway.Hosting;

/// <summary>In what form a service logs.</summary>
public enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text = 0,

    /// <summary>A JSON object a line, for programs.</summary>
    Json = 1,
}
