using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>Faults of the local Motion Server, by chance.</summary>
internal static class Faults
{
    private static readonly Fault[] AtToken = [.. FaultCatalog.All.Where(fault => fault.Point == FaultPoint.Token)];
    private static readonly Fault[] AtConnection = [.. FaultCatalog.All.Where(fault => fault.Point != FaultPoint.Token)];

    public static string ChooseTokenFault(Random random) => AtToken[random.Next(AtToken.Length)].Name;

    /// <summary>A fault that strikes a connection of one avatar; those that strike a turn are as frequent as the others.</summary>
    public static Fault ChooseFault(Random random)
    {
        bool isInTurn = random.Next(3) > 0;
        var some = AtConnection.Where(fault => fault.Point > FaultPoint.Handshake == isInTurn).ToArray();
        return some[random.Next(some.Length)];
    }
}
