namespace ControlPlane;

/// <summary>Says from where on changes can be taken back, beside the state itself.</summary>
public sealed partial class World
{
    /// <summary>A mark to which <see cref="UndoTo"/> can return.</summary>
    internal long Mark() => settled + changes.Count;

    /// <summary>Forgets how to undo; what happened so far stays.</summary>
    internal void Settle() => Settle(Mark());

    /// <summary>Forgets how to undo what happened before a mark; later marks go on counting.</summary>
    internal void Settle(long mark)
    {
        changes.RemoveRange(0, (int)(mark - settled)); // a list has no more
        settled = mark;
    }
}
