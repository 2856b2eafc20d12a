namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Puts a cassette together from its lines: sorts what the server did under what the client had done before.</summary>
internal sealed class CassetteBuilder(string path)
{
    private readonly List<RecordedRefusal?> _tokens = [];
    private readonly List<RecordedConnection> _connections = [];
    private readonly Dictionary<int, ConnectionBuilder> _builders = [];

    /// <exception cref="CassetteException">The entry makes no sense.</exception>
    public void Add(int line, CassetteEntry entry)
    {
        if (CassetteEntryRules.FindProblem(entry) is { } problem)
        {
            throw new CassetteException(path, line, problem);
        }

        switch (entry.Kind)
        {
            case CassetteKind.Token:
                _tokens.Add(entry.TokenField is not null ? null : ToRefusal(line, entry));
                break;
            case CassetteKind.Upgrade:
                AddConnection(line, entry);
                break;
            case var kind when !CassetteKind.IsKnown(kind):
                throw new CassetteException(path, line, $"\"kind\" is '{kind}', which this version does not know; restore the line or remove it.");
            default:
                Find(line, entry).Add(entry, entry.From switch
                {
                    CassetteSide.Client => true,
                    CassetteSide.Server => false,
                    _ => throw new CassetteException(path, line, "\"from\" is neither 'client' nor 'server'; restore the line or remove it."),
                });
                break;
        }
    }

    /// <exception cref="CassetteException">There is nothing to replay.</exception>
    public Cassette Build() => _tokens.Count + _connections.Count > 0
        ? new Cassette(_tokens, _connections)
        : throw new CassetteException(path, null, "holds nothing but its first line: nothing was recorded. Record a session first.");

    private void AddConnection(int line, CassetteEntry entry)
    {
        int number = entry.Connection ?? throw new CassetteException(path, line, "\"connection\" is missing; restore the line or remove it.");
        var connection = new RecordedConnection { Number = number, Refusal = entry.Status == 101 ? null : ToRefusal(line, entry) };
        if (!_builders.TryAdd(number, new ConnectionBuilder(connection, entry.Ms)))
        {
            throw new CassetteException(path, line, FormattableString.Invariant($"connection {number} has been opened before; give it a number of its own."));
        }

        _connections.Add(connection);
    }

    private ConnectionBuilder Find(int line, CassetteEntry entry) =>
        entry.Connection is { } number && _builders.TryGetValue(number, out ConnectionBuilder? builder)
            ? builder
            : throw new CassetteException(path, line, "\"connection\" names none that an earlier line of kind 'upgrade' has opened; restore that line or remove this one.");

    private RecordedRefusal ToRefusal(int line, CassetteEntry entry) => entry.Status is >= 200 and <= 599 and { } status
        ? new RecordedRefusal(status, entry.ContentType, entry.RetryAfter, entry.Location, entry.Data ?? Blank(entry.OmittedBytes ?? 0))
        : throw new CassetteException(path, line, "\"status\" is no HTTP status; restore the line or remove it.");

    // As long as the answer was, and like it nothing that holds a token.
    private static byte[] Blank(long length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)' ');
        return body;
    }
}
