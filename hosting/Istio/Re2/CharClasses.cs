namespace Istio.Re2;

/// <summary>Divides the code points into classes that no instruction of a program tells apart.</summary>
internal sealed class CharClasses
{
    private readonly int[] _ascii = new int[128];
    private readonly int[] _starts;
    private readonly int[] _classes;
    private readonly List<int> _members = [];

    public CharClasses(Program program)
    {
        var sets = new List<RuneSet>(program.Sets);
        foreach (var rune in program.Code.Where(item => item.Opcode == Opcode.Char).Select(item => item.Argument).Distinct())
        {
            sets.Add(new RuneSet([new(rune, rune)]));
        }

        var starts = new SortedSet<int> { 0 };
        foreach (var set in sets)
        {
            foreach (var range in set.Ranges)
            {
                starts.Add(range.Lo);
                starts.Add(range.Hi + 1);
            }
        }

        _starts = [.. starts];
        _classes = new int[_starts.Length];
        foreach (var set in sets)
        {
            Divide(set);
        }

        for (var i = 0; i < _classes.Length; i++)
        {
            if (_classes[i] == _members.Count)
            {
                _members.Add(_starts[i]);
            }
        }

        for (var rune = 0; rune < _ascii.Length; rune++)
        {
            _ascii[rune] = Find(rune);
        }
    }

    public int Count => _members.Count;

    /// <summary>Some code point of a class.</summary>
    public int Member(int index) => _members[index];

    /// <summary>The class of the code point at a position.</summary>
    public int At(ReadOnlySpan<char> text, int position, out int length)
    {
        var c = text[position];
        if (c < 128)
        {
            length = 1;
            return _ascii[c];
        }

        return Find(Program.RuneAt(text, position, out length));
    }

    private int Find(int rune)
    {
        var at = Array.BinarySearch(_starts, rune);
        return _classes[at < 0 ? ~at - 1 : at];
    }

    /// <summary>Splits every class into what is in the set and what is not; numbers follow first occurrence.</summary>
    private void Divide(RuneSet set)
    {
        var numbers = new Dictionary<(int Class, bool IsMember), int>();
        for (var i = 0; i < _classes.Length; i++)
        {
            var key = (_classes[i], set.Contains(_starts[i]));
            if (!numbers.TryGetValue(key, out var number))
            {
                numbers.Add(key, number = numbers.Count);
            }

            _classes[i] = number;
        }
    }
}
