namespace MotionGateway.Cli.Configuration;

/// <summary>What a setting takes.</summary>
internal enum SettingKind
{
    /// <summary>One text.</summary>
    Value,

    /// <summary>Several texts.</summary>
    List,

    /// <summary>Further settings.</summary>
    Group,

    /// <summary>Groups of further settings, or texts, by names that are free.</summary>
    Map,
}
