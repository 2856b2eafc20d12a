using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>What the connections of one server share.</summary>
internal sealed record IngressContext(LocalMotionServerOptions Options, LocalMotionServerCounters Counters, SpeechCredits Credits, ILogger Logger);
