/// Short words that carry a sentence rather than its subject: they tell a language, and most of them say nothing of
/// what a question is about. Written down for this purpose; lower case, with accents.
enum FunctionWords {
    static func words(of language: Language) -> Set<String> { lists[language] ?? [] }

    /// Whether a question in the language is scored without the word.
    ///
    /// Question words above all: they are rare in passages, so that BM25 would take them for telling.
    static func isEmpty(_ word: String, in language: Language) -> Bool {
        words(of: language).contains(word) && !telling.contains(word)
    }

    /// The languages whose list has the word.
    static func languages(of word: String) -> [Language] { byWord[word] ?? [] }

    /// Languages that have a list, in a fixed order.
    static let languages = lists.keys.sorted { $0.rawValue < $1.rawValue }

    private static let lists: [Language: Set<String>] = Dictionary(
        uniqueKeysWithValues: texts.map {
            (Language(rawValue: $0), Set($1.split { $0.isWhitespace }.map(String.init)))
        })

    /// What a statement may turn on, in any of the languages: negations, comparisons, before and after. On 809
    /// claims of SciFact's training half, wholes scored too: nDCG@10 .698 without any function word, .700 with these,
    /// .701 with all.
    private static let telling: Set<String> = Set(
        """
        about after all also between both during each few most more no not only other out over own such than through \
        under until up within without gegen kein keine mehr nicht nur ohne unter während zwischen aucun contre \
        entre moins pas pendant peu plus sans contra durante más menos ni sin contro non più senza mais não nem sem \
        geen meer niet tegen tijdens tussen zonder icke inte mellan mer mot utan ikke mellem mod uden mellom uten ei \
        mitään nem nincs fără peste değil sadece yok bez nie przed między ani mezi proti před без до между не нет \
        перед после только
        """.split { $0.isWhitespace }.map(String.init))

    private static let byWord: [String: [Language]] = {
        var table: [String: [Language]] = [:]
        for language in languages {
            for word in words(of: language) { table[word, default: []].append(language) }
        }
        return table
    }()

    private static let texts: [(String, String)] = [
        (
            "en",
            """
            a about after all also an and any are as at be because been being between but by can could did do does \
            during each for from had has have having he her here his how i if in into is it its just like many may \
            me more most much must my no not of on only or other our out over own she should so some such than that \
            the their them then there these they this those through to too under until up upon was we were what when \
            where which while who whom whose why will with within without would you your
            """
        ),
        (
            "de",
            """
            aber alle als also am an auch auf aus bei beim bis da damit dann das dass dem den denn der des dich die \
            dies diese diesem diesen dieser dieses doch du durch ein eine einem einen einer eines er es etwas euch \
            für gegen gibt hat hatte hatten haben ich ihm ihn ihr ihre ihrem ihren ihrer im in ist ja jede jeder kann \
            kein keine können man mehr mein mit muss nach nicht noch nur ob oder ohne sehr sein seine seinem seinen \
            seiner seit sich sie sind so soll sollte über um und uns unter viel viele vom von vor wann war waren warum \
            was welche welchem welchen welcher welches wem wen wenn wer werden wessen wie wieviel wir wird wo wofür \
            woher wohin womit worden wurde wurden während zu zum zur zwischen
            """
        ),
        (
            "fr",
            """
            afin ai ainsi alors au aucun aussi autre aux avait avant avec avoir car ce ceci cela celle celui ces cet \
            cette chez ci combien comme comment dans de depuis des dont du elle elles en encore entre est et étaient \
            était être eu eux fait il ils je jusqu la là le les leur leurs lorsque lui ma mais me même mes moins mon \
            ne ni nos notre nous on ont ou où par parce pas pendant peu peut plus pour pourquoi qu quand que quel \
            quelle quelles quels qui quoi sa sans se selon ses si son sont sous sur ta te tous tout toute très tu un \
            une vers vos votre vous y
            """
        ),
        (
            "es",
            """
            a al algo algunos ante antes aquel así aún aunque cada como cómo con contra cual cuál cuáles cuando \
            cuándo cuánto cuántos cuántas de del desde donde dónde durante e el él ella ellas ellos en entre era eran \
            es esa ese eso esta está están este esto estos fue fueron ha han hasta hay la las le les lo los más me \
            mi mientras muy nada ni no nos o otra otro otros para pero poco por porque puede que qué quien quién \
            quiénes se según ser si sí sin sobre son su sus también tan tiene todo todos tras tu un una uno unos y \
            ya yo
            """
        ),
        (
            "it",
            """
            a ad agli ai al alla alle allo anche ancora aveva avevano c che chi ci ciò col come con contro cosa così \
            cui da dagli dai dal dalla dalle degli dei del della delle dello di dopo dove durante e è ed era erano \
            essere fra fu furono gli ha hanno ho i il in io la le lei li lo loro lui ma mentre mi mia mio molto nei \
            nel nella nelle nello no noi non o ogni per perché più poi prima qual quale quali quando quanti quanto \
            quello questa queste questi questo se sei si sia sono sotto stata stato su sua sue sugli sui sul sulla \
            suo suoi tra tu tutti tutto un una uno voi
            """
        ),
        (
            "pt",
            """
            a à ao aos apenas após as às até cada com como contra da das de depois do dos durante e é ela elas ele \
            eles em entre era eram essa esse esta está estão este eu foi foram há isso isto já lhe mais mas mesmo \
            muito na não nas nem no nos nós o onde os ou para pela pelas pelo pelos por porque porquê qual quais \
            quando quanto quantos quantas que quem se seja sem ser seu seus sob sobre sua suas também te tem têm \
            tinha tu um uma umas uns você
            """
        ),
        (
            "nl",
            """
            aan al alle als bij dan dat de deze die dit door dus een elk en er geen had hadden heb hebben heeft het \
            hij hoe hoeveel hun ik in is je jij kan kunnen maar me meer met mijn na naar niet nog nu of om omdat ook \
            onder ons ons op over te tegen ten tijdens toch toen tot tussen u uit van vanaf veel voor waar waarom \
            wanneer want waren was wat we welke wel werd werden wie wij worden wordt ze zich zij zijn zo zonder zou
            """
        ),
        (
            "sv",
            """
            alla att av bara blev bli blir då de dem den denna deras dess det detta dig din du där efter ej eller en \
            ett från för genom ha hade han har hon honom hur här i icke inom inte jag kan ligger man med mellan men \
            mer mig min mot mycket många när någon något några och om oss på samma sedan sig sin sina sitt ska skulle \
            som så till under upp ut utan vad var vara varför vem vi vid vilka vilken vilket vår är över
            """
        ),
        (
            "da",
            """
            af alle at blev blive bliver da de dem den denne der deres det dette dig din dog du efter eller en end er \
            et fik for fra få før gennem ham han hans har havde hende her hun hvad hvem hvilke hvilken hvilket hvis \
            hvor hvordan hvorfor hvornår i ikke ind jeg kan kun lige man mange med meget mellem men mere mig min mod \
            må nogen noget nu når og også om op os over på sig sin sine skal skulle som til ud under var ved vi være \
            været
            """
        ),
        (
            "no",
            """
            av alle at ble blei bli blir da de dem den denne der deres det dette deg din du eller en enn er et etter \
            ettersom for fra før gjennom ha hadde ham han hans har henne her hun hva hvem hvilke hvilken hvilket hvis \
            hvor hvordan hvorfor i ikke inn ja jeg kan kun man mange med meg mellom men mer min mot mye må noe noen \
            nå når og også om opp oss over på seg sin sine skal skulle som så til under ut var ved vi være vært
            """
        ),
        (
            "fi",
            """
            ei eivät ennen että he hän hänen ja jo joka jonka jos jossa jotka josta kaikki kanssa kuin kuinka kuka \
            kun ketkä me mikä mikäli miksi milloin minkä minä missä mistä mitkä mitä mitään mukaan mutta muun myös ne \
            niiden niin noin nyt näin ole olen oli olisi olivat ollut on onko ovat se sekä sen siitä sinä sitä tai \
            tällä tämä tämän vaan vai vain voi
            """
        ),
        (
            "hu",
            """
            a által aki akik amely ami amikor az azok azt be csak de e egy ehhez el elég én és ez ezek ezt fel ha \
            hogy hogyan hol honnan hova ide igen is itt ki kell kik le lehet lesz lett még meg melyik mennyi mert mi \
            miért mikor milyen mint minden más már most nagyon nem nincs ott ő ők pedig s sem szerint után vagy van \
            vannak volt voltak
            """
        ),
        (
            "ro",
            """
            a acest această aceste acestui ai al ale alte am ar are as au aveau avea avut ca care câte câți când cât \
            ce cea cel cele cei ci cine cu cum dacă dar de deci decât despre din după ea ei el ele era erau este eu \
            fi fie fost i iar în îi între îl la le lor lui mai mult nu o or pe pentru peste prin sa sau să se său și \
            si sunt te toate tot un unde unei unor unui
            """
        ),
        (
            "tr",
            """
            acaba ama ancak bana bazı belki ben beri bile bir biz bu çok çünkü da daha de değil diye dolayı en gibi \
            göre hangi hangisi hem hep her hiç için ile ise kaç kadar ki kim kime kimin mi mı mu mü nasıl ne neden \
            nedir nerede niçin o olan olarak olduğu oldu onlar onun sadece sen siz sonra şey şu tarafından tüm ve \
            veya vardır var ya yani yok zaman
            """
        ),
        (
            "pl",
            """
            a aby albo ale ani bardzo bez był była było były być ci co czy czyli czym dla do gdy gdzie go i ich ile \
            im ja jak jaka jaki jakie jakim jako je jego jej jest jeszcze jeśli już kiedy kim kto które którego która \
            który którym których lub ma między może można mu na nad nie niż o od on ona oni oraz po pod podczas \
            ponieważ przed przez przy się są ta tak także tam te tego tej ten to tu tylko tym u w we więc z za ze że
            """
        ),
        (
            "cs",
            """
            a aby ale ani až bez bude budou by byl byla bylo byly být co či do ho i já jak jaká jaké jaký jako je \
            jeho jejich jen ještě jsem jsou již k kam kde kdo kdy když která které který kterým kterých kolik ma má \
            mezi mezi mít může na nad nebo než o od ona oni po pod podle pokud proč proto před při s se si své svůj \
            ta tak také tato ten tento to u už v ve však z za ze že
            """
        ),
        (
            "ru",
            """
            а без бы был была были было быть в во вот все всё вы где да для до его ее её если есть еще ещё же за и из \
            или им их к как какая какие какой каких когда кого кому который которая которые кто ли между мы на над \
            не него ней нет ни них но о об он она они оно от по под после при с со сколько так также там то того \
            тоже только ты у уже чего чем что чтобы эта эти это этот я
            """
        ),
    ]
}
