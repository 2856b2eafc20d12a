using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Egress;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>What the connections of one server share.</summary>
internal sealed record IngressContext(LocalMotionServerOptions Options, LocalMotionServerCounters Counters, CreditAccount Credits, EgressRecord Egress, ILogger Logger);
