namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A directory that stands for the root of a system.</summary>
/// <param name="root">The directory.</param>
internal sealed class SystemTree(string root)
{
    /// <summary>Its root.</summary>
    public string Root => root;

    /// <summary>Where a path of the system is within it.</summary>
    public string PathTo(string path) => Path.Combine(root, path.TrimStart('/'));

    /// <summary>Writes a file of the system.</summary>
    public void Write(string path, string text) => File.WriteAllText(PathTo(path), text);

    /// <summary>A unit that was installed.</summary>
    public SystemdUnit ReadUnit(string name) => SystemdUnit.Read(PathTo($"/etc/systemd/system/{name}"));
}
