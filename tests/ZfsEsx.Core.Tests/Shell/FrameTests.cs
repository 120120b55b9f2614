using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Shell;

public sealed class FrameTests
{
    private static readonly byte[] s_mark = FrameText.MarkBytes(("aaaa", "bbbb"));

    [Fact]
    public async Task A_frame_is_found_however_the_bytes_are_cut()
    {
        byte[] stream = Encoding.UTF8.GetBytes(
            "greeting\u001ebbbb\n\u001ebbbb-aaaa<one\u001e\u001ebbbb-aaa\ntwo ä\u001ebbbb-aaaa>12;late noise");
        for (int piece = 1; piece <= stream.Length; piece++)
        {
            FrameParser parser = new();
            Task<(int Code, string Text)> frame = parser.ExpectAsync(s_mark, null);
            for (int i = 0; i < stream.Length; i += piece)
            {
                byte[] part = stream[i..Math.Min(i + piece, stream.Length)];
                parser.Feed(part, part.Length);
            }

            Assert.True(frame.IsCompletedSuccessfully, "pieces of " + piece);
            Assert.Equal((12, "one\u001e\u001ebbbb-aaa\ntwo ä"), await frame);
            Assert.Equal("late noise", parser.Noise);
        }
    }

    [Fact]
    public async Task Lines_come_as_soon_as_they_are_complete()
    {
        FrameParser parser = new();
        List<string> lines = [];
        Task<(int Code, string Text)> frame = parser.ExpectAsync(s_mark, lines.Add);
        void Feed(string text) => parser.Feed(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetByteCount(text));
        Feed("x\u001ebbbb-aaaa<");
        Feed("o");
        Feed("ne\ntw");
        Assert.Equal(["one"], lines);
        Feed("o\r\n\u001eb");
        Assert.Equal(["one", "two"], lines);
        Feed("last\u001ebbbb-aaaa>0;");
        Assert.Equal(["one", "two", "\u001eblast"], lines);
        Assert.Equal((0, ""), await frame);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("137", 137)]
    [InlineData("265", 137)] // ksh93's way to say signal 9
    public async Task Exit_codes(string said, int code)
    {
        FrameParser parser = new();
        Task<(int Code, string Text)> frame = parser.ExpectAsync(s_mark, null);
        byte[] bytes = Encoding.ASCII.GetBytes("\u001ebbbb-aaaa<\u001ebbbb-aaaa>" + said + ";");
        parser.Feed(bytes, bytes.Length);
        Assert.Equal(code, (await frame).Code);
    }

    [Fact]
    public async Task An_old_frames_end_is_noise_to_the_next_and_an_end_of_stream_fails_all()
    {
        FrameParser parser = new();
        byte[] old = Encoding.ASCII.GetBytes("\u001ebbbb-aaaa<x\u001ebbbb-aaaa>0;");
        Task<(int Code, string Text)> frame = parser.ExpectAsync(FrameText.MarkBytes(("cccc", "dddd")), null);
        parser.Feed(old, old.Length);
        Assert.False(frame.IsCompleted);
        parser.Fail(new IOException("gone"));
        await Assert.ThrowsAsync<IOException>(() => frame);
        await Assert.ThrowsAsync<IOException>(() => parser.ExpectAsync(s_mark, null));
    }

    [Fact]
    public void Noise_is_kept_only_in_part()
    {
        FrameParser parser = new();
        byte[] much = new byte[50_000];
        for (int i = 0; i < 20; i++)
        {
            parser.Feed(much, much.Length);
        }

        Assert.InRange(parser.Noise.Length, 8 * 1024, 60_000);
    }

    [Fact]
    public void Commands_are_one_line_with_words_quoted()
    {
        (string, string) mark = ("aaaa", "bbbb");
        Assert.Equal(
            "z_r aaaa bbbb 0 'echo' 'it'\\''s' 'a'\"$nl\"'b' ''",
                FrameText.Run(mark, new RemoteCommand("echo", "it's", "a\nb", "")));
        Assert.Equal(
            "z_g() { printf 'a b\\045\\134\\047\\000\\012\\377'; }; z_r aaaa bbbb 1 'cat'",
            FrameText.Run(mark, new RemoteCommand("cat") { Input = [.. "a b%\\'\0\n"u8, 0xff] }));
        Assert.Equal("z_r aaaa bbbb 0 'cat'", FrameText.Run(mark, new RemoteCommand("cat") { Input = [] }));
        Assert.Throws<ZfsEsxException>(() => FrameText.Run(mark, new RemoteCommand("a\0b")));
    }

    [Fact]
    public void The_bootstrap_is_one_line_and_the_login_command_is_plain_to_every_shell()
    {
        Assert.DoesNotContain('\n', FrameText.Bootstrap);
        Assert.DoesNotContain('#', FrameText.Bootstrap.Replace("$#", "", StringComparison.Ordinal));
        Assert.DoesNotContain(FrameText.LoginCommand, c => "!\\\n`".Contains(c, StringComparison.Ordinal));
    }

    [Fact]
    public void Marks_do_not_repeat_and_do_not_stand_in_the_command_line()
    {
        (string First, string Second) mark = FrameText.NewMark();
        Assert.NotEqual(mark, FrameText.NewMark());
        string printed = Encoding.ASCII.GetString(FrameText.MarkBytes(mark));
        Assert.DoesNotContain(printed, FrameText.Run(mark, new RemoteCommand("ps")), StringComparison.Ordinal);
    }
}
