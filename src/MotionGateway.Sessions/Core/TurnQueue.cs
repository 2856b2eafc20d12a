using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The turns of a session: those that are not over, in the order in which they are spoken, and some of the others.</summary>
internal sealed class TurnQueue
{
    private const int RememberedTurns = 256;

    private readonly List<SpeechTurn> _active = [];
    private readonly Dictionary<string, SpeechTurn> _known = [];
    private readonly Queue<string> _over = new();

    /// <summary>
    /// Turns that are not over. The first one that has started is the one that plays. Walked several times a payload, and so the list
    /// itself, whose walk allocates nothing: it is for reading.
    /// </summary>
    public List<SpeechTurn> Active => _active;

    /// <summary>Turns since the session was opened.</summary>
    public long Count { get; private set; }

    public SpeechTurn? Playing => _active.Count > 0 && _active[0].State != TurnState.Waiting ? _active[0] : null;

    /// <summary>The latest turns that are over, oldest first.</summary>
    public IEnumerable<SpeechTurn> Over => _over.Select(id => _known[id]);

    public SpeechTurn? Find(string id) => _known.GetValueOrDefault(id);

    /// <summary>Makes a name for a turn that has none.</summary>
    /// <param name="ordinal">Its place among the session's turns.</param>
    public string MakeId(long ordinal)
    {
        string id = $"turn-{ordinal}";
        for (int i = 2; _known.ContainsKey(id); i++)
        {
            id = $"turn-{ordinal}-{i}";
        }

        return id;
    }

    public SpeechTurn Add(Func<long, SpeechTurn> create)
    {
        var turn = create(++Count);
        _active.Add(turn);
        _known.Add(turn.Id, turn);
        return turn;
    }

    /// <summary>A turn is over: it is remembered for a while, so that what still comes of it is known.</summary>
    public void Retire(SpeechTurn turn)
    {
        _active.Remove(turn);
        _over.Enqueue(turn.Id);
        if (_over.Count > RememberedTurns)
        {
            _known.Remove(_over.Dequeue());
        }
    }
}
