using MotionGateway.V1;

namespace MotionGateway.Cli.Demo;

/// <summary>How the demo speaks.</summary>
/// <param name="SampleRate">Hertz of what is said.</param>
/// <param name="Delivery">How viewers get it; null: by the gateway's defaults.</param>
/// <param name="IsRealTime">Whether speech comes at the speed of a live voice.</param>
internal sealed record DemoSpeech(int SampleRate, Delivery? Delivery, bool IsRealTime);
